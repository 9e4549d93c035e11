package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.scopegate.gateway.telemetry.LineLog;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.LogOutput;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.testkit.otlp.OtlpReceiver;
import io.scopegate.testkit.tempo.Received;
import io.scopegate.testkit.tempo.StoredSpan;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway's own spans: which requests have one, what is in it, and what Tempo is told. */
final class TracingIT {
  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";
  private static final String RECORDED = "00-" + TRACE + "-" + PARENT + "-01";
  private static final String NOT_RECORDED = "00-" + TRACE + "-" + PARENT + "-00";

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final LogOutput output = new LogOutput(written);
  private final TempoStandIn tempo = TempoStandIn.start();
  private OtlpReceiver receiver;
  private GatewayHarness harness;

  @BeforeEach
  void open() throws IOException {
    receiver = OtlpReceiver.open();
  }

  @AfterEach
  void close() {
    if (harness != null) {
      harness.close();
    }
    output.close();
    receiver.close();
    tempo.close();
  }

  private String yaml(String tracing) {
    return """
    upstreams:
      grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
      http: {url: "http://127.0.0.1:%d", protocol: http1}
      query: {url: "http://127.0.0.1:%d", protocol: auto}
    listeners:
      grpc: {address: "127.0.0.1:0", serves: [otlp-grpc], upstream: grpc}
      http: {address: "127.0.0.1:0", serves: [otlp-http], upstream: http}
      query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
    %s
    """
        .formatted(tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort(), tracing);
  }

  private String tracing(String keys) {
    return "tracing: {" + keys + "otlp: {endpoint: \"" + receiver.url() + "\"}}\n";
  }

  private void start(String tracing) {
    Telemetry telemetry =
        new Telemetry(
            LineLog.ofRequests(output, LogConfig.Format.JSON, InstantSource.system()), 10, "test");
    telemetry.auditTo(LineLog.ofDecisions(output, LogConfig.Format.JSON, InstantSource.system()));
    harness = GatewayHarness.start(yaml(tracing), telemetry);
  }

  private int search(String... lines) throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/api/search?q=%7B%7D", lines));
      Wire.Head head = client.readHead();
      client.readBody(head);
      return head.status();
    }
  }

  private String export(String... fields) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      int stream = client.request(harness.grpc(EXPORT, fields), false);
      client.data(stream, Spans.message(false, Spans.otlp(1, 5)), true);
      return client.message(stream).grpcStatus();
    }
  }

  private int without(String token, String... lines) throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1With(token, "GET", "/api/search", lines));
      Wire.Head head = client.readHead();
      client.readBody(head);
      return head.status();
    }
  }

  /** The spans there are when all have been sent. */
  private List<Span> spans() {
    harness.assertIdle();
    harness.stop();
    return receiver.spans();
  }

  private Span span() {
    List<Span> all = spans();
    assertThat(all).hasSize(1);
    return all.get(0);
  }

  private static Map<String, String> attributes(Span span) {
    return OtlpReceiver.attributes(span.getAttributesList());
  }

  private static String hex(ByteString id) {
    StringBuilder text = new StringBuilder();
    for (byte b : id.toByteArray()) {
      text.append(Character.forDigit(b >> 4 & 0xf, 16)).append(Character.forDigit(b & 0xf, 16));
    }
    return text.toString();
  }

  private Received forwarded() {
    return tempo.received().last();
  }

  private List<JsonObject> lines(String type) {
    output.close();
    return written
        .toString(StandardCharsets.UTF_8)
        .lines()
        .map(JsonObject::new)
        .filter(line -> line.getString("type").equals(type))
        .toList();
  }

  @Test
  void isBetweenClientAndTempoOverHttp() throws IOException {
    start(tracing(""));
    assertThat(search("traceparent: " + RECORDED, "tracestate: vendor=x")).isEqualTo(200);

    Received seen = forwarded();
    Span span = span();
    assertThat(hex(span.getTraceId())).isEqualTo(TRACE);
    assertThat(hex(span.getParentSpanId())).isEqualTo(PARENT);
    assertThat(seen.header("traceparent"))
        .containsExactly("00-" + TRACE + "-" + hex(span.getSpanId()) + "-01");
    assertThat(seen.header("tracestate")).containsExactly("vendor=x");
    assertThat(span.getTraceState()).isEqualTo("vendor=x");
    assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(span.getName()).isEqualTo("GET /api/search");
    assertThat(span.getFlags()).isEqualTo(0x301);
    assertThat(span.getStatus()).isEqualTo(Status.getDefaultInstance());
    assertThat(span.getEndTimeUnixNano()).isGreaterThan(span.getStartTimeUnixNano());
    assertThat(span.getStartTimeUnixNano() / 1_000_000)
        .isCloseTo(System.currentTimeMillis(), org.assertj.core.data.Offset.offset(60_000L));
    Map<String, String> attributes = attributes(span);
    assertThat(attributes)
        .containsEntry("http.request.method", "GET")
        .containsEntry("http.route", "/api/search")
        .containsEntry("http.response.status_code", "200")
        .containsEntry("url.path", "/api/search")
        .containsEntry("url.scheme", "http")
        .containsEntry("network.protocol.version", "1.1")
        .containsEntry("client.address", "127.0.0.1")
        .containsEntry("server.address", "tempo.example")
        .containsEntry("scopegate.tenant", "acme")
        .containsEntry("scopegate.listener", "query")
        .containsEntry("scopegate.operation", "read")
        .containsEntry("scopegate.outcome", "ok")
        .containsEntry("scopegate.upstream", "query")
        .containsEntry("scopegate.upstream.server", "127.0.0.1:" + tempo.queryPort())
        .doesNotContainKeys("user.name", "rpc.system", "scopegate.refusal", "error.type");
    assertThat(span.toString()).doesNotContain("%7B", harness.token);
    JsonObject line = lines("access").get(0);
    assertThat(line.getString("trace_id")).isEqualTo(TRACE);
    assertThat(attributes)
        .containsEntry("scopegate.request_id", line.getString("request_id"))
        .containsEntry("http.response.body.size", "" + line.getLong("bytes_out"));
  }

  @Test
  void isBetweenClientAndTempoOverGrpc() throws IOException {
    start(tracing("user: true, "));
    assertThat(export("traceparent", RECORDED)).isEqualTo("0");

    Received seen = forwarded();
    Span span = span();
    assertThat(seen.header("traceparent"))
        .containsExactly("00-" + TRACE + "-" + hex(span.getSpanId()) + "-01");
    assertThat(span.getName())
        .isEqualTo("opentelemetry.proto.collector.trace.v1.TraceService/Export");
    assertThat(attributes(span))
        .containsEntry("rpc.system", "grpc")
        .containsEntry("rpc.service", "opentelemetry.proto.collector.trace.v1.TraceService")
        .containsEntry("rpc.method", "Export")
        .containsEntry("rpc.grpc.status_code", "0")
        .containsEntry("network.protocol.version", "2")
        .containsEntry("user.name", "system:serviceaccount:apps:writer")
        .containsEntry("scopegate.upstream.server", "127.0.0.1:" + tempo.otlpGrpcPort())
        .doesNotContainKey("http.route");
  }

  @Test
  void clientAndGatewayAreOneTraceInTempo() throws IOException {
    String spans = "http://127.0.0.1:" + tempo.otlpHttpPort();
    start("tracing: {otlp: {endpoint: \"" + spans + "\", tenant: acme}}\n");
    Span client =
        Span.newBuilder()
            .setTraceId(ByteString.fromHex(TRACE))
            .setSpanId(ByteString.fromHex(PARENT))
            .setName("the client's")
            .build();
    ExportTraceServiceRequest request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder().addScopeSpans(ScopeSpans.newBuilder().addSpans(client)))
            .build();
    try (H2Wire wire = H2Wire.connect(harness.port("grpc"))) {
      int stream = wire.request(harness.grpc(EXPORT, "traceparent", RECORDED), false);
      wire.data(stream, Spans.message(false, request.toByteArray()), true);
      assertThat(wire.message(stream).grpcStatus()).isEqualTo("0");
    }
    spans();

    List<StoredSpan> trace = tempo.store().trace("acme", TRACE);
    assertThat(trace.stream().map(StoredSpan::serviceName)).containsExactly("", "scopegate");
    assertThat(hex(trace.get(1).span().getParentSpanId())).isEqualTo(PARENT);
  }

  @Test
  void whatTheClientDoesNotRecordIsForwardedAsItCame() throws IOException {
    start(tracing("ratio: 1, "));
    assertThat(search("traceparent: " + NOT_RECORDED, "tracestate: vendor=x")).isEqualTo(200);

    assertThat(forwarded().header("traceparent")).containsExactly(NOT_RECORDED);
    assertThat(forwarded().header("tracestate")).containsExactly("vendor=x");
    assertThat(spans()).isEmpty();
    assertThat(lines("access").get(0).getString("trace_id")).isEqualTo(TRACE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "nonsense", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"})
  void withoutATraceOneBeginsHere(String given) throws IOException {
    start(tracing("ratio: 1, "));
    String[] lines =
        given.isEmpty()
            ? new String[0]
            : new String[] {"traceparent: " + given, "tracestate: vendor=x"};
    assertThat(search(lines)).isEqualTo(200);

    Received seen = forwarded();
    Span span = span();
    assertThat(span.getParentSpanId()).isEqualTo(ByteString.EMPTY);
    assertThat(span.getFlags()).isEqualTo(0x103);
    assertThat(seen.header("traceparent"))
        .containsExactly("00-" + hex(span.getTraceId()) + "-" + hex(span.getSpanId()) + "-03");
    assertThat(seen.header("tracestate")).isEmpty();
    assertThat(lines("access").get(0).getString("trace_id")).isEqualTo(hex(span.getTraceId()));
  }

  @Test
  void twoParentsAreNone() throws IOException {
    start(tracing(""));
    assertThat(search("traceparent: " + RECORDED, "traceparent: " + RECORDED)).isEqualTo(200);
    assertThat(forwarded().header("traceparent")).hasSize(2);
    assertThat(spans()).isEmpty();
  }

  @Test
  void refusalsHaveASpanWithTheReasonWhateverTheClientRecords() throws IOException {
    start(tracing(""));
    assertThat(without("nobody", "traceparent: " + NOT_RECORDED)).isEqualTo(401);
    assertThat(without(harness.token, "X-Scope-OrgID: foreign")).isEqualTo(400);

    List<Span> all = spans();
    assertThat(all).hasSize(2);
    Span first = all.get(0);
    assertThat(hex(first.getTraceId())).isNotEqualTo(TRACE);
    assertThat(first.getParentSpanId()).isEqualTo(ByteString.EMPTY);
    assertThat(first.getLinksList()).hasSize(1);
    assertThat(hex(first.getLinks(0).getTraceId())).isEqualTo(TRACE);
    assertThat(hex(first.getLinks(0).getSpanId())).isEqualTo(PARENT);
    assertThat(attributes(first))
        .containsEntry("scopegate.outcome", "refused")
        .containsEntry("scopegate.refusal", "unauthenticated")
        .containsEntry("scopegate.step", "authentication")
        .containsEntry("http.response.status_code", "401")
        .containsKey("scopegate.detail");
    assertThat(first.getStatus()).as("no error of a server").isEqualTo(Status.getDefaultInstance());
    assertThat(all.get(1).getLinksList()).isEmpty();
    assertThat(attributes(all.get(1))).containsEntry("scopegate.refusal", "tenant_invalid");
    assertThat(lines("access").get(1).getString("trace_id"))
        .isEqualTo(hex(all.get(1).getTraceId()));
  }

  @Test
  void aFloodOfRefusalsIsNoFloodOfSpans() throws IOException {
    start(tracing("refusalsPerSecond: 2, "));
    long began = System.nanoTime();
    for (int i = 0; i < 50; i++) {
      assertThat(without("nobody")).isEqualTo(401);
    }
    long seconds = (System.nanoTime() - began) / 1_000_000_000 + 1;
    harness.assertIdle();
    assertThat(harness.metrics()).contains("scopegate_tracing_left_out_total");
    assertThat(spans()).hasSizeBetween(2, 2 * (int) (seconds + 1));
  }

  @Test
  void aFloodOfRecordedTracesIsForwardedAsItCame() throws IOException {
    start(tracing("spansPerSecond: 0, "));
    assertThat(search("traceparent: " + RECORDED)).isEqualTo(200);
    assertThat(forwarded().header("traceparent")).containsExactly(RECORDED);
    assertThat(harness.metrics()).contains("scopegate_tracing_left_out_total 1.0");
    assertThat(spans()).isEmpty();
  }

  @Test
  void whoIsNotKnownWritesIntoNobodysTrace() throws IOException {
    start(tracing(""));
    assertThat(without("nobody", "traceparent: " + RECORDED)).isEqualTo(401);

    Span span = span();
    assertThat(hex(span.getTraceId())).isNotEqualTo(TRACE);
    assertThat(hex(span.getLinks(0).getTraceId())).isEqualTo(TRACE);
  }

  @Test
  void whoIsNotKnownTakesNoSpanFromTenants() throws IOException {
    start(tracing("spansPerSecond: 1, refusalsPerSecond: 1, "));
    for (int i = 0; i < 20; i++) {
      assertThat(without("nobody", "traceparent: " + RECORDED)).isEqualTo(401);
    }
    assertThat(search("traceparent: " + RECORDED)).isEqualTo(200);

    assertThat(forwarded().header("traceparent").get(0)).isNotEqualTo(RECORDED);
    assertThat(spans().stream().filter(span -> hex(span.getTraceId()).equals(TRACE))).hasSize(1);
  }

  @Test
  void anUpstreamThatIsGoneIsAnError() throws IOException {
    start(tracing(""));
    tempo.close();
    assertThat(search("traceparent: " + RECORDED)).isEqualTo(503);
    Span span = span();
    assertThat(span.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
    assertThat(attributes(span))
        .containsEntry("error.type", "unavailable")
        .containsEntry("scopegate.refusal", "unavailable");
  }

  @Test
  void exportsOfGatewaysHaveNoSpan() throws IOException {
    start(tracing("ratio: 1, "));
    assertThat(search("User-Agent: scopegate-otlp/1.0")).isEqualTo(200);
    assertThat(without("nobody", "User-Agent: scopegate-otlp/1.0")).isEqualTo(401);
    assertThat(forwarded().header("traceparent")).isEmpty();
    assertThat(spans()).isEmpty();
  }

  @Test
  void withoutTracingHeadsAreForwardedAsTheyCame() throws IOException {
    start("");
    assertThat(search("traceparent: " + RECORDED, "tracestate: vendor=x")).isEqualTo(200);
    assertThat(forwarded().header("traceparent")).containsExactly(RECORDED);
    harness.assertIdle();
    assertThat(lines("access").get(0).fieldNames()).doesNotContain("trace_id");
  }

  @Test
  void aReloadTurnsItOnAndOff() throws IOException {
    harness = GatewayHarness.following(yaml(""));
    try (Wire client = Wire.connect(harness.port("query"))) {
      search(client);
      harness.reload(yaml(tracing("")));
      search(client);
      harness.reload(yaml(tracing("user: true, ")));
      search(client);
      harness.reload(yaml(""));
      search(client);
    }
    GatewayHarness.until(() -> receiver.spans().size() == 2);
    assertThat(receiver.spans().stream().filter(s -> attributes(s).containsKey("user.name")))
        .hasSize(1);
    assertThat(tempo.received().all().stream().map(r -> r.header("traceparent").get(0)))
        .hasSize(4)
        .filteredOn(RECORDED::equals)
        .hasSize(2);
  }

  private void search(Wire client) throws IOException {
    client.write(harness.http1("GET", "/api/search", "traceparent: " + RECORDED));
    Wire.Head head = client.readHead();
    client.readBody(head);
    assertThat(head.status()).isEqualTo(200);
  }
}
