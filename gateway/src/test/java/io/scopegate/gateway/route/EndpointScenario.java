package io.scopegate.gateway.route;

import io.netty.util.AsciiString;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** One case of {@code scenarios/endpoints.yaml}. */
public record EndpointScenario(Map<String, Object> fields) {
  private static final String FILE = "/scenarios/endpoints.yaml";

  /** Read once: mutation testing asks for it before each case. */
  private static final List<EndpointScenario> ALL = read();

  public static Stream<EndpointScenario> all() {
    return ALL.stream();
  }

  @SuppressWarnings("unchecked")
  private static List<EndpointScenario> read() {
    try (InputStream in = EndpointScenario.class.getResourceAsStream(FILE)) {
      Object read = new Load(LoadSettings.builder().build()).loadFromInputStream(in);
      return ((List<Map<String, Object>>) read).stream().map(EndpointScenario::new).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Routed route() {
    String request = text("request");
    int space = request.indexOf(' ');
    return table()
        .route(request.substring(0, space), request.substring(space + 1), optional("contentType"));
  }

  public EndpointTable table() {
    EndpointTable table = EndpointTable.of(routes());
    if (fields.get("tenantInPath") != null) {
      table = table.withTenantPaths(AsciiString.cached("x-scope-orgid"));
    }
    if (!aliases().isEmpty()) {
      table = table.withAliases(aliases());
    }
    return fields.get("grpcWeb") == null ? table : table.withGrpcWeb();
  }

  public String method() {
    return text("request").substring(0, text("request").indexOf(' '));
  }

  @SuppressWarnings("unchecked")
  public List<Set<Protocol>> routes() {
    return ((List<List<String>>) required("routes"))
        .stream()
            .map(route ->
                (Set<Protocol>)
                    route.stream()
                        .map(EndpointScenario::protocol)
                        .collect(Collectors.toCollection(LinkedHashSet::new)))
            .toList();
  }

  @SuppressWarnings("unchecked")
  public Map<String, String> aliases() {
    return (Map<String, String>) fields.getOrDefault("aliases", Map.of());
  }

  public String text(String field) {
    return (String) required(field);
  }

  public @Nullable String optional(String field) {
    return (String) fields.get(field);
  }

  private Object required(String field) {
    return Objects.requireNonNull(fields.get(field), () -> field + " of " + fields);
  }

  public int route(int absent) {
    return (Integer) fields.getOrDefault("route", absent);
  }

  private static Protocol protocol(String label) {
    return Stream.of(Protocol.values())
        .filter(protocol -> protocol.label().equals(label))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public String toString() {
    return text("case");
  }
}
