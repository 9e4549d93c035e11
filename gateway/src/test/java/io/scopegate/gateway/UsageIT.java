package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.telemetry.LineLog;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.LogOutput;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.UsageLog;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.proto.SearchResponse;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a tenant used, as records and metrics tell it, against what its clients saw. */
final class UsageIT {
  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final LogOutput output = new LogOutput(written);
  private final TempoStandIn tempo = TempoStandIn.start();
  private GatewayHarness harness;

  @BeforeEach
  void start() {
    Telemetry telemetry =
        new Telemetry(
            LineLog.ofRequests(output, LogConfig.Format.JSON, InstantSource.system()), 10, "test");
    telemetry.usageTo(new UsageLog(output, LogConfig.Format.JSON, InstantSource.system()));
    harness =
        GatewayHarness.start(
            """
            upstreams:
              grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
              http: {url: "http://127.0.0.1:%d", protocol: http1}
              query: {url: "http://127.0.0.1:%d", protocol: auto}
            listeners:
              grpc: {address: "127.0.0.1:0", serves: [otlp-grpc], upstream: grpc}
              http: {address: "127.0.0.1:0", serves: [otlp-http], upstream: http}
              query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
            limits: {defaults: {maxRequestBytes: 100KB}}
            log: {limitedPerSecond: null, unauthenticatedPerSecond: null, refusedPerSecond: null}
            usage: {enabled: true, interval: 1d}
            """
                .formatted(tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort()),
            telemetry);
  }

  @AfterEach
  void stop() {
    output.close();
    tempo.close();
  }

  private int post(byte[] body, String... lines) throws IOException {
    String[] all = new String[lines.length + 2];
    System.arraycopy(lines, 0, all, 2, lines.length);
    all[0] = "Content-Type: application/x-protobuf";
    all[1] = "Content-Length: " + body.length;
    try (Wire client = Wire.connect(harness.port("http"))) {
      client.write(harness.http1("POST", "/v1/traces", all)).write(body);
      Wire.Head head = client.readHead();
      client.readBody(head);
      return head.status();
    }
  }

  private void export(byte[] body) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      int stream = client.request(harness.grpc(EXPORT), false);
      client.data(stream, Spans.message(false, body), true);
      assertThat(client.message(stream).grpcStatus()).isEqualTo("0");
    }
  }

  /** What Tempo said that a search cost. */
  private JsonObject search() throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/api/search?q=%7B%7D"));
      Wire.Head head = client.readHead();
      assertThat(head.status()).isEqualTo(200);
      return new JsonObject(new String(client.readBody(head), StandardCharsets.UTF_8))
          .getJsonObject("metrics");
    }
  }

  /** What the last message of a streamed search said that it cost. */
  private long streamedSearch() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      int stream = client.request(harness.grpc(SEARCH), false);
      client.data(stream, Spans.message(false, new byte[0]), true);
      H2Wire.Message answer = client.message(stream);
      assertThat(answer.grpcStatus()).isEqualTo("0");
      ByteBuffer body = ByteBuffer.wrap(answer.body());
      long last = 0;
      int messages = 0;
      while (body.hasRemaining()) {
        byte[] message = new byte[body.position(body.position() + 1).getInt()];
        body.get(message);
        last = SearchResponse.parseFrom(message).getMetrics().getInspectedBytes();
        messages++;
      }
      assertThat(messages).as("messages with running totals").isGreaterThan(1);
      return last;
    }
  }

  private int foreign() throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(
          "GET /api/search HTTP/1.1\r\nHost: a\r\nX-Scope-OrgID: foreign\r\nAuthorization: Bearer "
              + harness.token
              + "\r\n\r\n");
      Wire.Head head = client.readHead();
      client.readBody(head);
      return head.status();
    }
  }

  private static long sum(List<JsonObject> lines, String field) {
    return lines.stream().mapToLong(line -> line.getLong(field, 0L)).sum();
  }

  private static List<JsonObject> of(List<JsonObject> lines, String type, String tenant) {
    return lines.stream()
        .filter(line -> line.getString("type").equals(type))
        .filter(line -> Objects.equals(line.getString("tenant"), tenant))
        .toList();
  }

  @Test
  void theRecordIsTheSumOfTheAccessLogAndSaysWhatTempoSaid() throws IOException {
    byte[] three = Spans.otlp(3, 1_000);
    assertThat(post(three)).isEqualTo(200);
    assertThat(post(Spans.gzip(three), "Content-Encoding: gzip")).isEqualTo(200);
    assertThat(post(Spans.otlp(1, 200_000))).as("too large").isEqualTo(413);
    byte[] five = Spans.otlp(5, 10);
    export(five);
    JsonObject said = search();
    long saidInTheEnd = streamedSearch();
    assertThat(foreign()).isEqualTo(403);
    harness.assertIdle();
    GatewayHarness.until(() -> harness.metrics().contains("scopegate_tenant_ingested_spans_total"));
    String metrics = harness.metrics();

    harness.close(); // ends the interval
    output.close();

    List<JsonObject> lines =
        written.toString(StandardCharsets.UTF_8).lines().map(JsonObject::new).toList();
    List<JsonObject> access = of(lines, "access", "acme");
    assertThat(of(lines, "usage", "acme")).hasSize(1);
    JsonObject used = of(lines, "usage", "acme").get(0);
    assertThat(used.getLong("requests")).isEqualTo(access.size()).isEqualTo(6);
    assertThat(used.getLong("bytes_in")).isEqualTo(sum(access, "bytes_in"));
    assertThat(used.getLong("bytes_out")).isEqualTo(sum(access, "bytes_out"));
    assertThat(used.getLong("writes")).isEqualTo(3);
    assertThat(used.getLong("stored_bytes")).isEqualTo(2L * three.length + five.length);
    assertThat(used.getLong("stored_spans")).isEqualTo(11);
    assertThat(used.getLong("refused_too_large")).isEqualTo(1);
    assertThat(used.getLong("queries")).isEqualTo(2);
    long bytes = Long.parseLong(said.getValue("inspectedBytes").toString());
    assertThat(bytes).isPositive();
    assertThat(used.getLong("inspected_bytes")).isEqualTo(bytes + saidInTheEnd);
    assertThat(used.getLong("query_costs_unread")).isZero();
    assertThat(used.getInstant("from")).isBefore(used.getInstant("to"));
    JsonObject rest =
        lines.stream().filter(line -> line.getBoolean("rest", false)).findFirst().orElseThrow();
    assertThat(rest.getLong("requests")).isEqualTo(1);
    assertThat(rest.getLong("refused_forbidden")).isEqualTo(1);
    assertThat(metrics)
        .contains("scopegate_tenant_ingested_spans_total{tenant=\"acme\"} 11.0")
        .contains("scopegate_tenant_query_inspected_bytes_total{tenant=\"acme\"}")
        .contains("scopegate_tenant_query_seconds_total{tenant=\"acme\"}")
        .contains("scopegate_tenant_refusals_total{reason=\"too_large\",tenant=\"acme\"} 1.0");
  }
}
