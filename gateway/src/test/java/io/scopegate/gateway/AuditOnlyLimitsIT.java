package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits that are only logged: everything passes, and is counted as what it would have been. */
final class AuditOnlyLimitsIT {
  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";

  private final TempoStandIn tempo = TempoStandIn.start();
  private GatewayHarness harness;

  @BeforeEach
  void start() {
    harness = GatewayHarness.following(configuration("audit", "spansPerSecond: 1"));
  }

  @AfterEach
  void stop() {
    harness.close();
    tempo.close();
  }

  private String configuration(String enforce, String defaults) {
    return """
    upstreams:
      grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
      http: {url: "http://127.0.0.1:%d", protocol: http1}
      query: {url: "http://127.0.0.1:%d", protocol: auto}
    listeners:
      grpc: {address: "127.0.0.1:0", serves: [otlp-grpc], upstream: grpc}
      http: {address: "127.0.0.1:0", serves: [otlp-http], upstream: http}
      query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
    limits: {enforce: %s, defaults: {%s}}
    """
        .formatted(
            tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort(), enforce, defaults);
  }

  private void limit(String defaults) throws IOException {
    harness.reload(configuration("audit", defaults));
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

  private String export(byte[] body) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      int stream = client.request(harness.grpc(EXPORT), false);
      client.data(stream, Spans.message(false, body), true);
      return client.message(stream).grpcStatus();
    }
  }

  private int search(String query) throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/api/search?" + query));
      return client.readHead().status();
    }
  }

  private void untilMetrics(String line) {
    GatewayHarness.until(() -> harness.metrics().contains(line));
  }

  @Test
  void whatIsOverARatePassesAndTakesNothing() throws IOException {
    assertThat(post(Spans.otlp(3, 10))).as("within").isEqualTo(200);
    assertThat(post(Spans.otlp(5, 10))).as("over").isEqualTo(200);
    assertThat(export(Spans.otlp(7, 10))).as("over, by gRPC").isEqualTo("0");
    assertThat(tempo.received().count()).isEqualTo(3);

    untilMetrics("scopegate_would_limit_total{endpoint=\"/v1/traces\",listener=\"http\",");
    untilMetrics("scopegate_tenant_ingested_spans_total{tenant=\"acme\"} 15.0");
    assertThat(harness.metrics())
        .contains("\nscopegate_limits_audit_only 1.0\n")
        .contains(
            "scopegate_tenant_would_limit_total{limit=\"spansPerSecond\",tenant=\"acme\"} 2.0")
        .contains("scopegate_tenant_limited_total{limit=\"spansPerSecond\",tenant=\"acme\"} 0.0");

    harness.reload(configuration("deny", "spansPerSecond: 1"));
    assertThat(post(Spans.otlp(1, 10))).as("what the first three owe").isEqualTo(429);
    assertThat(harness.metrics()).contains("\nscopegate_limits_audit_only 0.0\n");
  }

  @Test
  void whatIsTooLargePassesWhole() throws IOException {
    limit("maxRequestBytes: 5KB");
    byte[] large = Spans.otlp(1, 6_000);

    assertThat(post(large)).isEqualTo(200);
    assertThat(post(Spans.gzip(large), "Content-Encoding: gzip")).as("seen later").isEqualTo(200);
    assertThat(export(large)).isEqualTo("0");

    assertThat(tempo.received().count()).isEqualTo(3);
    untilMetrics(
        "scopegate_tenant_would_limit_total{limit=\"maxRequestBytes\",tenant=\"acme\"} 3.0");
  }

  @Test
  void queriesOverALimitPass() throws IOException {
    limit("queriesPerSecond: 0.001, maxQueryRange: 1h, maxResults: 10");

    assertThat(search("limit=11")).isEqualTo(200);
    assertThat(search("start=1700000000&end=1700003601")).isEqualTo(200);
    assertThat(search("limit=10")).as("the first that takes any").isEqualTo(200);
    assertThat(search("limit=10")).isEqualTo(200);
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      byte[] query = tooLong();
      int stream = client.request(harness.grpc(SEARCH), false);
      client.data(stream, Spans.message(false, query), true);
      assertThat(client.message(stream).grpcStatus()).isEqualTo("0");
    }

    untilMetrics("reason=\"range_too_long\"} 1.0");
    for (String limit : new String[] {"maxResults", "maxQueryRange"}) {
      untilMetrics("scopegate_tenant_would_limit_total{limit=\"" + limit + "\",tenant=\"acme\"} ");
    }
    assertThat(harness.metrics()).doesNotContain("reason=\"limited\"} 0.0");
  }

  private static byte[] tooLong() {
    return SearchRequest.newBuilder()
        .setStart(1_700_000_000)
        .setEnd(1_700_003_601)
        .build()
        .toByteArray();
  }

  @Test
  void whatProtectsTheGatewayIsEnforced() throws IOException {
    harness.reload(
        configuration("audit", "spansPerSecond: 1")
            .replace(
                "serves: [otlp-http],",
                "serves: [otlp-http], limits: {requestsPerSecond: 0.001},"));

    assertThat(post(Spans.otlp(1, 10))).isEqualTo(200);
    assertThat(post(Spans.otlp(1, 10))).isEqualTo(503);
  }
}
