package io.scopegate.gateway;

import io.scopegate.testkit.tempo.SpanBodies;
import io.scopegate.testkit.tempo.proto.QueryInstantRequest;
import io.scopegate.testkit.tempo.proto.QueryRangeRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * One entry of {@code scenarios/outcomes.yaml}, where the fields are described.
 *
 * @param fields as written
 */
public record OutcomeCase(Map<String, Object> fields) {
  private static final String METRICS = "{} | rate()";
  private static final long HOUR = 3_600_000_000_000L;
  private static final String FILE = "/scenarios/outcomes.yaml";

  @SuppressWarnings("unchecked")
  public static Stream<OutcomeCase> all() {
    try (InputStream in = OutcomeCase.class.getResourceAsStream(FILE)) {
      Object read = new Load(LoadSettings.builder().build()).loadFromInputStream(in);
      return ((List<Map<String, Object>>) read).stream().map(OutcomeCase::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String row() {
    return text("row");
  }

  public String method() {
    return text("method");
  }

  public String target(String knownTrace) {
    String own = grpc() ? '/' + row() : row();
    String target = fields.containsKey("target") ? text("target") : own;
    return target.replace("${known}", knownTrace);
  }

  public String type() {
    return (String) fields.getOrDefault("type", "");
  }

  public boolean grpc() {
    return type().equals("application/grpc");
  }

  /** Whether a path with the tenant in it leads there, too. */
  public boolean inPath() {
    boolean query = row().startsWith("/api/") && !row().endsWith("/spans");
    return row().equals("/v1/traces") || (query && !row().equals("/api/traces"));
  }

  /** Whether its spans are found again. */
  public boolean stored() {
    return fields.containsKey("stored");
  }

  /** The answers by situation. */
  @SuppressWarnings("unchecked")
  public Map<String, String> answers() {
    return (Map<String, String>) Objects.requireNonNull(fields.get("answers"), toString());
  }

  /** What is sent. */
  public byte[] body(SpanBodies span) {
    return switch ((String) fields.getOrDefault("body", "empty")) {
      case "otlp" -> span.otlp();
      case "zipkinJson" -> span.zipkinJson();
      case "zipkinV1Json" -> span.zipkinV1Json();
      case "zipkinProtobuf" -> span.zipkinProtobuf();
      case "zipkinThrift" -> span.zipkinThrift();
      case "jaegerThrift" -> span.jaegerThrift();
      case "jaegerProtobuf" -> span.jaegerProtobuf();
      case "openCensus" -> span.openCensus();
      case "mcp" -> json("{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"initialize\"}");
      case "diff" ->
          json(
              "{\"base\": {\"traceId\": \"ID\"}, \"compare\": {\"traceId\": \"ID\"}}"
                  .replace("ID", span.traceId()));
      case "range" ->
          QueryRangeRequest.newBuilder()
              .setQuery(METRICS)
              .setStart(span.startUnixNano())
              .setEnd(span.startUnixNano() + HOUR)
              .setStep(HOUR)
              .build()
              .toByteArray();
      case "instant" ->
          QueryInstantRequest.newBuilder()
              .setQuery(METRICS)
              .setStart(span.startUnixNano())
              .setEnd(span.startUnixNano() + HOUR)
              .build()
              .toByteArray();
      case "empty" -> new byte[0];
      default -> throw new IllegalArgumentException(toString());
    };
  }

  private static byte[] json(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private String text(String field) {
    return (String) Objects.requireNonNull(fields.get(field), () -> field + " of " + fields);
  }

  @Override
  public String toString() {
    return method() + ' ' + row() + ' ' + type();
  }
}
