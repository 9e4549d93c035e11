package io.scopegate.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * One case of {@code scenarios/hostile.yaml}, where the fields are described.
 *
 * @param fields as written
 */
public record HostileCase(Map<String, Object> fields) {
  private static final String FILE = "/scenarios/hostile.yaml";
  private static final Pattern PLACE = Pattern.compile("\\$\\{([^}]+)}");

  @SuppressWarnings("unchecked")
  public static Stream<HostileCase> all() {
    try (InputStream in = HostileCase.class.getResourceAsStream(FILE)) {
      Object read = new Load(LoadSettings.builder().build()).loadFromInputStream(in);
      return ((List<Map<String, Object>>) read).stream().map(HostileCase::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is expected over a protocol; null when the case is not sent over it. */
  public @Nullable String expected(String protocol) {
    Object own = fields.get(protocol);
    Object any = protocol.equals("grpc") ? null : fields.get("http");
    return own != null ? own.toString() : any == null ? null : any.toString();
  }

  public boolean writes() {
    return fields.containsKey("write");
  }

  /** Whether the API server must not hear of the token. */
  public boolean unasked() {
    return fields.containsKey("unasked");
  }

  /** Whether what was begun may not have reached Tempo when it was broken off. */
  public boolean maybe() {
    return fields.containsKey("maybe");
  }

  /** A text in the bytes of UTF-8, one character each; empty when it is not given. */
  public String text(String name, UnaryOperator<String> tokens) {
    Object value = fields.get(name);
    return value == null ? "" : filled(value.toString(), tokens);
  }

  /** Texts, one or several; the default when none is given. */
  public List<String> texts(String name, String otherwise, UnaryOperator<String> tokens) {
    Object value = fields.getOrDefault(name, List.of(otherwise));
    List<?> all = value instanceof List<?> list ? list : List.of(value);
    return all.stream().map(text -> filled((String) text, tokens)).toList();
  }

  /** Further fields as they are, of HTTP/2 or gRPC. */
  public List<String> pairs(String name, UnaryOperator<String> tokens) {
    List<String> flat = new ArrayList<>();
    for (Object pair : (List<?>) fields.getOrDefault(name, List.of())) {
      ((List<?>) pair).forEach(text -> flat.add(filled((String) text, tokens)));
    }
    return flat;
  }

  /** Further headers for every protocol, as names and values. */
  public List<String> headers(UnaryOperator<String> tokens) {
    List<String> flat = new ArrayList<>();
    for (Object line : (List<?>) fields.getOrDefault("headers", List.of())) {
      String text = filled((String) line, tokens);
      int colon = text.indexOf(": ");
      flat.add(text.substring(0, colon));
      flat.add(text.substring(colon + 2));
    }
    int many = (Integer) fields.getOrDefault("many", 0);
    for (int i = 0; i < many; i++) {
      flat.add("x-h" + i);
      flat.add("v");
    }
    int crumbs = (Integer) fields.getOrDefault("crumbs", 0);
    for (int i = 0; i < crumbs; i++) {
      flat.add("cookie");
      flat.add("a=b");
    }
    return flat;
  }

  /** What upstream gets: the values of these headers, nothing where the text is empty. */
  @SuppressWarnings("unchecked")
  public Map<String, String> received() {
    return (Map<String, String>) fields.getOrDefault("received", Map.of());
  }

  private static String filled(String text, UnaryOperator<String> tokens) {
    String all = PLACE.matcher(text).replaceAll(m -> Matcher.quoteReplacement(place(m, tokens)));
    return new String(all.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static String place(MatchResult found, UnaryOperator<String> tokens) {
    String what = found.group(1);
    int times = what.lastIndexOf('*');
    if (times > 0) {
      return what.substring(0, times).repeat(Integer.parseInt(what.substring(times + 1)));
    }
    if (what.startsWith("jndi:")) {
      return "${" + what + "}"; // what this looks like to others
    }
    if (what.startsWith("tenants:")) {
      int count = Integer.parseInt(what.substring("tenants:".length()));
      return String.join(
          "|", Stream.iterate(0, i -> i + 1).limit(count).map(i -> "t" + i).toList());
    }
    return tokens.apply(what);
  }

  @Override
  public String toString() {
    return String.valueOf(fields.get("case"));
  }
}
