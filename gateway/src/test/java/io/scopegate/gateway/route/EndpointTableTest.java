package io.scopegate.gateway.route;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EndpointTableTest {
  static Stream<EndpointScenario> scenarios() {
    return EndpointScenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void routesAsWritten(EndpointScenario scenario) {
    Routed routed = scenario.route();

    assertThat(routed.dialect().name().toLowerCase(Locale.ROOT))
        .isEqualTo(scenario.text("dialect"));
    if (scenario.optional("endpoint") == null) {
      assertRefused(routed, scenario);
    } else {
      assertMatched(routed, scenario);
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void routesBytesAsItRoutesStrings(EndpointScenario scenario) {
    String request = scenario.text("request");
    int space = request.indexOf(' ');
    byte[] target = request.substring(space + 1).getBytes(StandardCharsets.ISO_8859_1);
    String contentType = scenario.optional("contentType");

    Routed routed =
        scenario
            .table()
            .route(
                new AsciiString(scenario.method()),
                new AsciiString(target, false),
                contentType == null ? null : new AsciiString(contentType));

    assertThat(routed).isEqualTo(scenario.route());
  }

  private static void assertMatched(Routed routed, EndpointScenario scenario) {
    assertThat(routed.refusal()).isNull();
    Endpoint endpoint = requireNonNull(routed.endpoint());
    assertThat(endpoint.name()).isEqualTo(scenario.text("endpoint"));
    assertThat(endpoint.operation().label()).isEqualTo(scenario.text("operation"));
    assertThat(endpoint.ingest()).isEqualTo(endpoint.operation() == Operation.WRITE);
    assertThat(routed.route()).isEqualTo(scenario.route(0));
    PathRewrite path = routed.rewrite();
    assertThat(path instanceof TenantPath named ? named.tenant().toString() : null)
        .isEqualTo(scenario.optional("tenant"));
    assertThat(path == null ? null : path.target().toString())
        .isEqualTo(scenario.optional("forwarded"));
  }

  private static void assertRefused(Routed routed, EndpointScenario scenario) {
    assertThat(routed.endpoint()).isNull();
    assertThat(routed.route()).isEqualTo(-1);
    Refusal refusal = requireNonNull(routed.refusal());
    assertThat(refusal.reason().label()).isEqualTo(scenario.text("refusal"));
    String allow = scenario.optional("allow");
    assertThat(refusal.allow()).isEqualTo(allow == null ? "" : allow);
    String detail = scenario.optional("detail");
    assertThat(refusal.detail()).contains(detail == null ? "" : detail);
  }

  private static Refusal refusal(Protocol protocol, String method, String target, boolean http2) {
    EndpointTable table = EndpointTable.of(List.of(Set.of(protocol)));
    return requireNonNull(table.route(method, target, "application/grpc", http2).refusal());
  }

  @Test
  void aGrpcCallHasNoQuery() {
    String export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    for (String target : List.of(export + "?", export + "?a=b", "/a.B/C?a")) {
      Refusal refusal = refusal(Protocol.OTLP_GRPC, "POST", target, true);
      assertThat(refusal.reason()).isEqualTo(Refusal.Reason.MALFORMED);
      assertThat(refusal.detail()).contains("has no query");
    }
    assertThat(refusal(Protocol.GENERIC_READ, "POST", "/a.B/C?a", true).reason())
        .isEqualTo(Refusal.Reason.MALFORMED);
  }

  @Test
  void anAliasLeadsToOneRowOnly() {
    Map<String, String> aliases = Map.of("/otlp/v1/traces", "/v1/traces");
    EndpointTable table = EndpointTable.of(List.of(Set.of(Protocol.OTLP_HTTP)));

    assertThat(table.exactPaths()).containsExactly("/v1/traces");
    assertThat(table.withAliases(aliases).usualContentType("POST", "/otlp/v1/traces"))
        .isEqualTo("application/x-protobuf");
    assertThatThrownBy(() -> table.withAliases(Map.of("/a", "/flush")))
        .isInstanceOf(IllegalArgumentException.class);
    EndpointTable ofQueries = EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY)));
    assertThatThrownBy(() -> ofQueries.withAliases(aliases))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ofQueries.withAliases(Map.of("/a", "/api/traces/1f")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thereIsNoGrpcOverHttp1() {
    String export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    for (Protocol protocol : List.of(Protocol.OTLP_GRPC, Protocol.GENERIC_WRITE)) {
      Refusal refusal = refusal(protocol, "POST", export, false);
      assertThat(refusal.reason()).isEqualTo(Refusal.Reason.NOT_FOUND);
      assertThat(refusal.detail()).contains("expected: gRPC over HTTP/2");
    }
    EndpointTable query = EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY)));
    assertThat(query.route("GET", "/api/search?q=x", null, false).endpoint()).isNotNull();
  }

  @Test
  void everyRowHasAScenarioOfItsOwnAndOneWithAWrongMethod() {
    Set<String> covered =
        scenarios()
            .filter(scenario -> scenario.optional("endpoint") != null)
            .map(scenario -> scenario.method() + " " + scenario.text("endpoint"))
            .collect(Collectors.toSet());
    Set<String> wrongMethods =
        scenarios()
            .filter(scenario -> "method_not_allowed".equals(scenario.optional("refusal")))
            .map(scenario -> scenario.text("request").replaceAll("^\\S+ /?|\\?.*", ""))
            .collect(Collectors.toSet());

    assertThat(covered)
        .containsAll(
            Rows.ALL.stream()
                .flatMap(row -> row.methods().stream().map(m -> m + " " + row.endpoint().name()))
                .toList());
    assertThat(Rows.ALL)
        .allSatisfy(row -> assertThat(wrongMethods).anyMatch(target -> isOf(row, target)));
  }

  private static boolean isOf(Row row, String target) {
    String pattern = row.pattern().substring(1).replaceAll("\\{\\w+}", "[^/]+");
    return target.matches(pattern.replace(".", "\\."))
        && (row.shape() == Row.Shape.EXACT || !target.endsWith("/diff"));
  }

  @Test
  void refusesEveryOtherMethodOfEveryRow() {
    Set<Protocol> withRows = EnumSet.allOf(Protocol.class);
    withRows.remove(Protocol.PROXY); // takes every path
    EndpointTable table = EndpointTable.of(List.of(withRows));
    for (Row row : Rows.ALL) {
      String target = row.pattern().replace("{traceID}", "1f").replace("{tag}", "name");
      String contentType = contentType(row);
      for (String method :
          List.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "X", "")) {
        Routed routed = table.route(method, target, contentType);
        if (row.methods().contains(method)) {
          assertThat(routed.endpoint()).as(method + target).isEqualTo(row.endpoint());
        } else if (rowOf(method, row.pattern()).isPresent()) {
          Endpoint other = rowOf(method, row.pattern()).get().endpoint();
          assertThat(routed.endpoint()).as(method + target).isEqualTo(other);
        } else {
          assertThat(routed.endpoint()).as(method + target).isNull();
          assertThat(requireNonNull(routed.refusal()).reason())
              .as(method + target)
              .isEqualTo(Refusal.Reason.METHOD_NOT_ALLOWED);
        }
      }
    }
  }

  private static String contentType(Row row) {
    return row.content().types().isEmpty() ? "application/json" : row.content().types().get(0);
  }

  private static Optional<Row> rowOf(String method, String pattern) {
    return Rows.ALL.stream()
        .filter(row -> row.pattern().equals(pattern) && row.methods().contains(method))
        .findFirst();
  }

  @Test
  void answersAreMadeBeforehand() {
    EndpointTable table = EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY)));

    assertThat(table.route("GET", "/api/search?q=1", null))
        .isSameAs(table.route("GET", "/api/search?q=2", null));
    assertThat(table.route("GET", "/nowhere", null)).isSameAs(table.route("GET", "/other", null));
    assertThat(table.route("GET", "/a/../b", null)).isSameAs(table.route("GET", "/c/../", null));
  }

  @Test
  void everyProtocolHasRowsOrTakesAnything() {
    assertThat(Protocol.values())
        .allSatisfy(protocol ->
            assertThat(
                    protocol.isGeneric()
                        || protocol == Protocol.PROXY
                        || protocol == Protocol.HEALTH
                        || Rows.ALL.stream().anyMatch(row -> row.protocol() == protocol))
                .isTrue());
  }

  @Test
  void rowsOfOnePathTakeDifferentMethods() {
    Set<String> seen = new HashSet<>();
    assertThat(Rows.ALL)
        .allSatisfy(row ->
            assertThat(row.methods()).allMatch(method -> seen.add(method + " " + row.pattern())));
  }

  @Test
  void namesTheGrpcServices() {
    assertThat(EndpointTable.grpcServices())
        .containsExactlyInAnyOrder(
            "opentelemetry.proto.collector.trace.v1.TraceService",
            "jaeger.api_v2.CollectorService",
            "opencensus.proto.agent.trace.v1.TraceService",
            "tempopb.StreamingQuerier");
  }

  @Test
  void cutsTheQueryOffForLogs() {
    assertThat(EndpointTable.pathOf("/api/search?q=secret")).hasToString("/api/search");
    assertThat(EndpointTable.pathOf(new AsciiString("/api/search?q=secret")))
        .hasToString("/api/search");
    assertThat(EndpointTable.pathOf("/api/search")).hasToString("/api/search");
  }

  @Test
  void knowsThePathsThatBelongToAnEndpoint() {
    EndpointTable table =
        EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY, Protocol.OTLP_GRPC)));
    assertThat(
            List.of(
                "/api/search",
                "/api/traces/1f",
                "/opentelemetry.proto.collector.trace.v1.TraceService/Export"))
        .allMatch(table::hasPath);
    assertThat(List.of("/api/searches", "/api/search/", "/api/../api/search", "/v1/traces", "/"))
        .noneMatch(table::hasPath);
  }

  @Test
  void aPlainPathIsReadInOneWayOnly() {
    assertThat(List.of("/", "/a", "/a/b-c")).allMatch(EndpointTable::isPlainPath);
    assertThat(List.of("", "a", "/a?b", "/a?", "/a%20b", "/%61", "/a/../b", "/a//b"))
        .noneMatch(EndpointTable::isPlainPath);
  }

  @Test
  void whatAsksOnlyWhetherTheProcessLivesIsAnsweredHere() {
    EndpointTable table =
        EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY), Set.of(Protocol.HEALTH)));
    Routed alive = table.route("GET", "/healthz?verbose", null);
    Routed search = table.route("GET", "/api/search", null);
    Routed refused = table.route("GET", "/nowhere", null);

    assertThat(EndpointTable.isLiveness(alive)).isTrue();
    assertThat(alive.isAnsweredHere()).isTrue();
    assertThat(requireNonNull(alive.endpoint()).isAnyPath()).isTrue();
    for (Routed other : List.of(search, refused)) {
      assertThat(EndpointTable.isLiveness(other)).isFalse();
      assertThat(other.isAnsweredHere()).isFalse();
    }
    assertThat(requireNonNull(search.endpoint()).isAnyPath()).isFalse();
    assertThat(requireNonNull(search.endpoint()).isProxied()).isFalse();
  }

  @Test
  void whatAnotherProtocolHasIsSaid() {
    EndpointTable queries = EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY)));
    EndpointTable otlp = EndpointTable.of(List.of(Set.of(Protocol.OTLP_GRPC)));
    String export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    assertThat(detail(queries.route("POST", "/v1/traces", null)))
        .isEqualTo(
            "path: an endpoint of otlp-http, which this listener does not serve (it serves:"
                + " tempo-query)");
    assertThat(detail(queries.route("POST", export, "application/grpc")))
        .startsWith("path: an endpoint of otlp-grpc");
    assertThat(detail(otlp.route("GET", "/api/v2/traces/1f?start=1", null)))
        .startsWith("path: an endpoint of tempo-query");
    assertThat(detail(otlp.route("POST", "/flush", null)))
        .isEqualTo("path: no endpoint of this listener (it serves: otlp-grpc)");
  }

  @Test
  void anExporterThatAddsItsPathToAnotherIsToldSo() {
    EndpointTable otlp = EndpointTable.of(List.of(Set.of(Protocol.OTLP_HTTP)));
    String json = "application/json";

    for (String path : List.of("/v1/traces/v1/traces", "/otlp/v1/traces", "/v1/logs/v1/traces")) {
      assertThat(detail(otlp.route("POST", path, json)))
          .as(path)
          .startsWith("path: /v1/traces below another path")
          .contains("leave it out there");
    }
    for (String path : List.of("/v1/traces/x", "/otlp/v1/trace", "/v1/", "/traces")) {
      assertThat(detail(otlp.route("POST", path, json)))
          .as(path)
          .isEqualTo("path: no endpoint of this listener (it serves: otlp-http)");
    }
  }

  private static String detail(Routed routed) {
    return requireNonNull(routed.refusal()).detail();
  }
}
