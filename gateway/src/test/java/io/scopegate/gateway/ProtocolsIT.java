package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.tempo.Received;
import io.scopegate.testkit.tempo.SpanBodies;
import io.scopegate.testkit.tempo.Surface;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is particular to the protocols beside OTLP: counted spans, long streams, versions. */
final class ProtocolsIT {
  private static final String POST_SPANS = "/jaeger.api_v2.CollectorService/PostSpans";
  private static final String OPENCENSUS = "/opencensus.proto.agent.trace.v1.TraceService/Export";

  /** Nobody may pause: what pauses all the same is an endpoint where that is meant to be. */
  private static final String IMPATIENT = "clients: {bodyTimeout: 10ms}\n";

  private final TempoStandIn tempo = TempoStandIn.start();
  private GatewayHarness harness;

  @BeforeEach
  void start() {
    harness = GatewayHarness.following(configuration(""));
  }

  @AfterEach
  void stop() {
    tempo.streaming().open();
    harness.close();
    tempo.close();
  }

  private String configuration(String more) {
    return """
    upstreams:
      zipkin: {url: "http://127.0.0.1:%d", protocol: http1}
      jaeger-thrift: {url: "http://127.0.0.1:%d", protocol: http1}
      jaeger-grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
      opencensus: {url: "http://127.0.0.1:%d", protocol: h2cIDLE}
      query: {url: "http://127.0.0.1:%d"IDLE}
    listeners:
      all:
        address: "127.0.0.1:0"
        routes:
          - {serves: [zipkin], upstream: zipkin}
          - {serves: [jaeger-thrift-http], upstream: jaeger-thrift}
          - {serves: [jaeger-grpc], upstream: jaeger-grpc}
          - {serves: [opencensus], upstream: opencensus}
          - {serves: [tempo-query, tempo-overrides], upstream: query}
    """
            .formatted(
                tempo.zipkinPort(),
                tempo.jaegerThriftPort(),
                tempo.jaegerGrpcPort(),
                tempo.openCensusPort(),
                tempo.queryPort())
            .replace("IDLE", more.equals(IMPATIENT) ? ", timeouts: {idle: 10ms}" : "")
        + more;
  }

  private static SpanBodies span() {
    return new SpanBodies(Traces.newId(), "shop", "checkout", 1_700_000_000_000_000_000L);
  }

  // ---- spans are counted

  static Stream<Arguments> formats() {
    return Stream.of(
        format("/api/v2/spans", "application/json", SpanBodies::zipkinJson),
        format("/spans", "application/x-protobuf", SpanBodies::zipkinProtobuf),
        format("/api/v1/spans", "application/json", SpanBodies::zipkinV1Json),
        format("/api/v1/spans", "application/x-thrift", SpanBodies::zipkinThrift),
        format("/api/traces", "application/x-thrift", SpanBodies::jaegerThrift),
        format(POST_SPANS, "application/grpc", SpanBodies::jaegerProtobuf),
        format(OPENCENSUS, "application/grpc", SpanBodies::openCensus));
  }

  private static Arguments format(String path, String type, Function<SpanBodies, byte[]> body) {
    return Arguments.of(path, type, body);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void spansAreCounted(String path, String type, Function<SpanBodies, byte[]> body)
      throws IOException {
    // no span comes back while the test runs: what passes is the burst of one
    harness.reload(configuration("limits: {defaults: {spansPerSecond: 0.001}}\n"));

    assertThat(post(path, type, body.apply(span())).field("retry-after")).isEmpty();
    H2Wire.Message refused = post(path, type, body.apply(span()));

    if (type.equals("application/grpc")) {
      assertThat(refused.grpcStatus()).isEqualTo("8");
      assertThat(refused.field("grpc-status-details-bin")).isNotEmpty();
    } else {
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.field("retry-after")).isNotEmpty();
      assertThat(refused.field("content-type")).isEqualTo("application/problem+json");
    }
    assertThat(tempo.store().spanCount(GatewayHarness.TENANT)).isEqualTo(1);
  }

  private H2Wire.Message post(String path, String type, byte[] body) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("all"))) {
      int stream = client.request(harness.http2("POST", path, "content-type", type), false);
      boolean grpc = type.equals("application/grpc");
      client.data(stream, grpc ? Spans.message(false, body) : body, true);
      return client.message(stream);
    }
  }

  // ---- content types

  @ParameterizedTest
  @ValueSource(strings = {"application/x-protobuf;a=b", "Application/x-protobuf", "text/plain"})
  void aTypeThatWouldBeReadAsAnotherIsRefused(String type) throws IOException {
    H2Wire.Message refused = post("/api/v2/spans", type, span().zipkinJson());

    assertThat(refused.status()).isEqualTo(415);
    assertThat(new String(refused.body(), StandardCharsets.UTF_8))
        .contains("expected: application/json or application/x-protobuf");
    assertThat(tempo.received().count()).isZero();
  }

  // ---- long streams

  @Test
  void anOpenCensusStreamMayPause() throws IOException {
    harness.reload(configuration(IMPATIENT));
    SpanBodies first = span();
    SpanBodies second = span();
    try (H2Wire client = H2Wire.connect(harness.port("all"))) {
      int stream = client.request(harness.grpc(OPENCENSUS), false);
      client.data(stream, Spans.message(false, first.openCensus()), false);
      untilStored(first);
      assertTimeoutsHaveEnded();
      client.data(stream, Spans.message(false, second.openCensus()), false);
      untilStored(second);
      client.data(stream, new byte[0], true);

      assertThat(client.message(stream).grpcStatus()).isEqualTo("0");
    }
  }

  @Test
  void eventsOfMcpMayPauseAndAreNotHeldBack() throws IOException {
    harness.reload(configuration(IMPATIENT));
    tempo.streaming().close();
    try (H2Wire client = H2Wire.connect(harness.port("all"))) {
      int stream = client.request(harness.http2("GET", "/api/mcp"), true);
      assertPaused();
      boolean ended = false;
      for (int i = 1; i <= 3; i++) {
        tempo.streaming().release(1);
        H2Wire.Frame event = client.await(H2Wire.DATA, stream);
        ended = event.end();
        assertThat(new String(event.payload(), StandardCharsets.UTF_8))
            .contains("{\"number\":" + i);
        assertTimeoutsHaveEnded();
      }
      // the end may come with the last event or by itself
      assertThat(ended || client.await(H2Wire.DATA, stream).end()).isTrue();
    }
  }

  /** Nothing has been sent yet. */
  private void assertPaused() {
    Received asked = tempo.received().await(r -> r.path().equals("/api/mcp"));
    assertThat(asked.messagesSent()).isZero();
  }

  /** A request that has paused for less time, where that is not meant to be, has been ended. */
  private void assertTimeoutsHaveEnded() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("all"))) {
      int stream = client.request(harness.grpc(POST_SPANS), false);
      assertThat(client.message(stream).grpcStatus()).isEqualTo("14");
    }
  }

  private void untilStored(SpanBodies span) {
    GatewayHarness.until(
        () -> !tempo.store().trace(GatewayHarness.TENANT, span.traceId()).isEmpty());
  }

  // ---- overrides

  @Test
  void overridesAreChangedByWhoeverMayWithVersionsThatPass() throws IOException {
    ServiceAccount account = harness.kubernetes.serviceAccount("apps", "configurer");
    harness.kubernetes.grant(account.subject(), Rule.configureTraces(GatewayHarness.TENANT));
    String token = harness.kubernetes.token(account);

    H2Wire.Message created = overrides(token, "POST", "0", "{\"a\":1}");
    assertThat(created.status()).isEqualTo(200);
    assertThat(created.field("etag")).isEqualTo("1");
    assertThat(overrides(token, "PATCH", "0", "{\"b\":2}").status()).isEqualTo(412);
    assertThat(overrides(token, "PATCH", "1", "{\"b\":2}").field("etag")).isEqualTo("2");
    // who may change may not read by that, nor the other way round
    assertThat(overrides(token, "GET", "", "").status()).isEqualTo(403);
    H2Wire.Message read = overrides(harness.token, "GET", "", "");
    assertThat(new String(read.body(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1,\"b\":2}");
    assertThat(read.field("etag")).isEqualTo("2");
    H2Wire.Message refused = overrides(harness.token, "DELETE", "2", "");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("update");
    assertThat(overrides(token, "DELETE", "2", "").status()).isEqualTo(200);
    assertThat(tempo.received().count(Surface.QUERY_HTTP)).isEqualTo(5);
  }

  private H2Wire.Message overrides(String token, String method, String match, String body)
      throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("all"))) {
      Http2Headers head = harness.http2With(token, method, "/api/overrides");
      if (!match.isEmpty()) {
        head.add("if-match", match);
      }
      int stream = client.request(head, body.isEmpty());
      if (!body.isEmpty()) {
        client.data(stream, body.getBytes(StandardCharsets.UTF_8), true);
      }
      return client.message(stream);
    }
  }
}
