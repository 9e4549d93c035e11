package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.tempo.Surface;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each limit over real sockets. Rates are so low that nothing fills up while a test runs: what
 * passes is the burst.
 */
final class LimitsIT {
  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";

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

  private String configuration(String limits) {
    return """
    upstreams:
      grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
      http: {url: "http://127.0.0.1:%d", protocol: http1}
      query: {url: "http://127.0.0.1:%d", protocol: auto}
    listeners:
      grpc: {address: "127.0.0.1:0", serves: [otlp-grpc], upstream: grpc}
      http: {address: "127.0.0.1:0", serves: [otlp-http], upstream: http}
      query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
    """
            .formatted(tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort())
        + limits;
  }

  private void limit(String defaults) throws IOException {
    harness.reload(configuration("limits: {defaults: {" + defaults + "}}\n"));
  }

  // ---- clients

  private Wire.Head post(byte[] body, String... lines) throws IOException {
    try (Wire client = Wire.connect(harness.port("http"))) {
      return post(client, body, lines);
    }
  }

  private Wire.Head post(Wire client, byte[] body, String... lines) throws IOException {
    String[] all = Arrays.copyOf(lines, lines.length + 2);
    all[lines.length] = "Content-Type: application/x-protobuf";
    all[lines.length + 1] = "Content-Length: " + body.length;
    client.write(harness.http1("POST", "/v1/traces", all)).write(body);
    Wire.Head head = client.readHead();
    client.readBody(head);
    return head;
  }

  private H2Wire.Message export(byte[] message, String... fields) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      return export(client, message, fields);
    }
  }

  private H2Wire.Message export(H2Wire client, byte[] message, String... fields)
      throws IOException {
    int stream = client.request(harness.grpc(EXPORT, fields), false);
    client.data(stream, message, true);
    return client.message(stream);
  }

  private Wire.Head search() throws IOException {
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write(harness.http1("GET", "/api/search?q=%7B%7D"));
      return client.readHead();
    }
  }

  // ---- storing

  @Test
  void requestsASecondOverHttp() throws IOException {
    limit("ingestRequestsPerSecond: 0.001");

    assertThat(post(Spans.otlp(1, 10)).status()).isEqualTo(200);
    Wire.Head refused = post(Spans.otlp(1, 10));

    assertThat(refused.status()).isEqualTo(429);
    assertThat(Integer.parseInt(refused.value("retry-after"))).isBetween(24, 30);
    assertThat(refused.value("x-ratelimit-limit")).isEqualTo("0");
    assertThat(refused.value("x-ratelimit-remaining")).isEqualTo("0");
    assertThat(Integer.parseInt(refused.value("x-ratelimit-reset"))).isBetween(900, 1000);
    assertThat(tempo.received().count()).isEqualTo(1);
  }

  @Test
  void requestsASecondOverGrpc() throws IOException {
    limit("ingestRequestsPerSecond: 0.001");
    byte[] message = Spans.message(false, Spans.otlp(1, 10));

    assertThat(export(message).grpcStatus()).isEqualTo("0");
    H2Wire.Message refused = export(message);

    assertThat(refused.grpcStatus()).isEqualTo("8");
    assertThat(refused.field("grpc-status-details-bin")).isNotEmpty();
    assertThat(refused.field("grpc-message")).contains("ingestRequestsPerSecond");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bytesASecondAreThoseOfTheDecodedBodyOverHttp(boolean gzip) throws IOException {
    limit("ingestBytesPerSecond: 1B, ingestBurst: 25KB");
    byte[] plain = Spans.otlp(1, 10_000);
    byte[] body = gzip ? Spans.gzip(plain) : plain;
    String[] lines = gzip ? new String[] {"Content-Encoding: gzip"} : new String[0];

    assertThat(post(body, lines).status()).isEqualTo(200);
    assertThat(post(body, lines).status()).isEqualTo(200);
    if (gzip) { // decided on whether anything is left, and owed afterwards
      assertThat(post(body, lines).status()).isEqualTo(200);
    }
    assertThat(post(body, lines).status()).isEqualTo(429);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bytesASecondAreThoseOfTheDecodedMessageOverGrpc(boolean gzip) throws IOException {
    limit("ingestBytesPerSecond: 1B, ingestBurst: 25KB");
    byte[] plain = Spans.otlp(1, 10_000);
    byte[] message = Spans.message(gzip, gzip ? Spans.gzip(plain) : plain);
    String[] fields = {"grpc-encoding", gzip ? "gzip" : "identity"};

    for (int i = 0; i < 3; i++) {
      assertThat(export(message, fields).grpcStatus()).isEqualTo("0");
    }
    assertThat(export(message, fields).grpcStatus()).isEqualTo("8");
  }

  @Test
  void spansASecond() throws IOException {
    limit("spansPerSecond: 1");

    assertThat(post(Spans.otlp(5_000, 3)).status()).isEqualTo(200);
    Wire.Head refused = post(Spans.otlp(1, 3));

    assertThat(refused.status()).isEqualTo(429);
    assertThat(Integer.parseInt(refused.value("x-ratelimit-reset"))).isBetween(4_000, 5_000);
  }

  @Test
  void whatCanNeverFitIsFinalAndReachesNobody() throws IOException {
    limit("maxRequestBytes: 5KB");

    assertThat(post(Spans.otlp(1, 6_000)).status()).isEqualTo(413);
    assertThat(export(Spans.message(false, Spans.otlp(1, 6_000))).grpcStatus()).isEqualTo("3");
    assertThat(post(Spans.otlp(1, 4_000)).status()).isEqualTo(200);
  }

  @Test
  void largerThanTheBurstCanNeverFit() throws IOException {
    limit("ingestBytesPerSecond: 5KB");

    assertThat(post(Spans.otlp(1, 6_000)).status()).isEqualTo(413);
    assertThat(post(Spans.gzip(Spans.otlp(1, 6_000)), "Content-Encoding: gzip").status())
        .isEqualTo(413);
  }

  @Test
  void aCompressionBombIsCutOffAtTheBound() throws IOException {
    limit("maxRequestBytes: 100KB");
    byte[] bomb = Spans.gzip(Spans.otlp(1, 30_000_000));

    assertThat(post(bomb, "Content-Encoding: gzip").status()).isEqualTo(413);
    H2Wire.Message refused = export(Spans.message(true, bomb), "grpc-encoding", "gzip");

    assertThat(refused.grpcStatus()).isEqualTo("3");
    assertThat(tempo.store().spanCount(GatewayHarness.TENANT)).isZero();
  }

  private static byte[] compressed(String coding, boolean grpc, byte[] plain) {
    return switch (coding) {
      case "zstd" -> Spans.zstd(plain);
      case "snappy" -> grpc ? Spans.snappyFrames(plain) : Spans.snappyBlock(plain);
      default -> Spans.snappyFrames(plain);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "snappy", "x-snappy-framed"})
  void spansInZstdAndSnappyCountOverHttp(String coding) throws IOException {
    limit("spansPerSecond: 10, maxRequestBytes: 1MB");
    byte[] body = compressed(coding, false, Spans.empty(100_000));
    assertThat(body.length).isLessThan(20_000);

    post(body, "Content-Encoding: " + coding); // whether Tempo takes it is Tempo's business
    assertThat(tempo.received().count()).isEqualTo(1);
    Wire.Head refused = post(body, "Content-Encoding: " + coding);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(Integer.parseInt(refused.value("x-ratelimit-reset"))).isBetween(9_000, 10_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "snappy"})
  void spansInZstdAndSnappyCountOverGrpc(String coding) throws IOException {
    limit("spansPerSecond: 1, maxRequestBytes: 1MB");
    byte[] body = compressed(coding, true, Spans.empty(100_000));
    assertThat(body.length).isLessThan(20_000);
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      export(client, Spans.message(false, new byte[0])); // the decision is known from here on
      int stream = client.request(harness.grpc(EXPORT, "grpc-encoding", coding), false);
      client.data(stream, Spans.message(true, body), false);
      client.roundTrip();

      H2Wire.Message refused = export(client, Spans.message(true, body), "grpc-encoding", coding);
      assertThat(refused.grpcStatus()).isEqualTo("8");
      assertThat(refused.field("grpc-message")).contains("spansPerSecond");
      client.reset(stream, 8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "snappy"})
  void aHundredThousandSpansInAFewKilobytesAreRefusedAtTheBound(String coding) throws IOException {
    limit("spansPerSecond: 1000, maxRequestBytes: 100KB");
    byte[] plain = Spans.empty(100_000);
    byte[] grpc = Spans.message(true, compressed(coding, true, plain));

    assertThat(post(compressed(coding, false, plain), "Content-Encoding: " + coding).status())
        .isEqualTo(413);
    assertThat(export(grpc, "grpc-encoding", coding).grpcStatus()).isEqualTo("3");
    assertThat(tempo.store().spanCount(GatewayHarness.TENANT)).isZero();
    harness.assertIdle();
  }

  @Test
  void aBombIsCutOffWhereOnlySpansAreLimited() throws IOException {
    limit("spansPerSecond: 1000");
    byte[] plain = new byte[(64 << 20) + 1];

    assertThat(post(Spans.gzip(plain), "Content-Encoding: gzip").status()).isEqualTo(413);
    byte[] message = Spans.message(true, Spans.zstd(plain));
    H2Wire.Message refused = export(message, "grpc-encoding", "zstd");
    assertThat(refused.grpcStatus()).isEqualTo("3");
    assertThat(refused.field("grpc-message")).contains("at most 64MiB", "has no maxRequestBytes");
    harness.assertIdle();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lz4", "gzip, zstd", "gzip\r\nContent-Encoding: zstd"})
  void anEncodingThatCannotBeMeasuredIsRefusedInTheClientsTerms(String coding) throws IOException {
    limit("spansPerSecond: 1000");
    Wire.Head refused = post(Spans.otlp(1, 10), "Content-Encoding: " + coding);
    assertThat(refused.status()).isEqualTo(415);
    assertThat(refused.value("accept-encoding")).contains("gzip", "zstd", "snappy");
    assertThat(tempo.received().count()).isZero();

    harness.reload(
        configuration(
            "limits: {defaults: {spansPerSecond: 1000}, unmeasuredCodings: count-wire}\n"));
    post(Spans.otlp(1, 10), "Content-Encoding: " + coding);
    assertThat(tempo.received().count()).isEqualTo(1);
  }

  @Test
  void anEncodingThatCannotBeMeasuredIsUnimplementedOverGrpc() throws IOException {
    limit("spansPerSecond: 1000");
    byte[] message = Spans.message(true, Spans.otlp(1, 10));
    for (String[] fields :
        new String[][] {
          {"grpc-encoding", "lz4"}, {"grpc-encoding", "identity", "grpc-encoding", "gzip"}
        }) {
      H2Wire.Message refused = export(message, fields);
      assertThat(refused.grpcStatus()).isEqualTo("12");
      assertThat(refused.field("grpc-accept-encoding")).contains("gzip", "zstd", "snappy");
    }
    assertThat(tempo.received().count()).isZero();
  }

  @Test
  void aBodyThatIsNoZstdIsNotPassedOnUncounted() throws IOException {
    limit("spansPerSecond: 1000");
    assertThat(post(Spans.otlp(5, 10), "Content-Encoding: zstd").status()).isEqualTo(400);
    harness.assertIdle();
  }

  @Test
  void aRefusalDoesNotWaitForTheBody() throws IOException {
    limit("ingestRequestsPerSecond: 0");
    try (Wire client = Wire.connect(harness.port("http"))) {
      client.write(
          harness.http1(
              "POST",
              "/v1/traces",
              "Content-Type: application/x-protobuf",
              "Content-Length: 1000000"));

      assertThat(client.readHead().status()).isEqualTo(429);
    }
  }

  @Test
  void aLargeRefusedMessageIsStoppedAndItsConnectionServesOn() throws IOException {
    limit("ingestRequestsPerSecond: 0");
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      int stream = client.request(harness.grpc(EXPORT), false);
      assertThat(client.next(stream).field("grpc-status")).isEqualTo("8");
      client.data(stream, new byte[40_000], false);
      assertThat(client.await(H2Wire.RST, stream).code()).isZero();
      for (int i = 0; i < 4_000; i++) { // as if it was under way; more than errors are let pass
        client.frame(H2Wire.DATA, 0, stream, new byte[1]);
      }

      assertThat(export(client, Spans.message(false, Spans.otlp(1, 10))).grpcStatus())
          .isEqualTo("8");
    }
  }

  /** From the third one on they are refused without a stream of Netty's. */
  @Test
  void whoeverIsRefusedAgainOnTheSameConnectionIsToldTheSame() throws IOException {
    limit("ingestRequestsPerSecond: 0.001");
    byte[] message = Spans.message(false, Spans.otlp(1, 10));
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      assertThat(export(client, message).grpcStatus()).isEqualTo("0");
      H2Wire.Message first = export(client, message);
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < 300; i++) {
        H2Wire.Message again = export(client, message);

        assertThat(again.grpcStatus()).isEqualTo("8");
        assertThat(again.field("grpc-message")).isEqualTo(first.field("grpc-message"));
        assertThat(again.field("grpc-status-details-bin")).isNotEmpty();
        assertThat(again.field("content-type")).isEqualTo("application/grpc");
        assertThat(again.head()).hasSameSizeAs(first.head());
        ids.add(again.field("x-request-id"));
      }
      assertThat(ids).hasSize(300);
      assertThat(export(client, message, "x-request-id", "mine").field("x-request-id"))
          .isEqualTo("mine");
    }
    assertThat(tempo.received().count()).isEqualTo(1);
    assertThat(harness.metrics())
        .contains(
            "scopegate_tenant_limited_total{limit=\"ingestRequestsPerSecond\",tenant=\""
                + GatewayHarness.TENANT
                + "\"} 302.0");
  }

  @Test
  void whoeverIsRefusedAgainMayStillBreakNoRuleOfHttp2() throws IOException {
    limit("ingestRequestsPerSecond: 0");
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      export(client, new byte[5]); // this one is decided by asking
      export(client, new byte[5]);
      int stream = client.request(harness.grpc(EXPORT), false);
      assertThat(client.next(stream).field("grpc-status")).isEqualTo("8");
      client.credit(stream, 100);
      client.data(stream, new byte[5], true);
      client.reset(stream, 8);
      assertThat(export(client, new byte[5]).grpcStatus()).isEqualTo("8");

      client.data(stream, new byte[5], true);
      assertThat(client.awaitEnd()).isEqualTo(5); // STREAM_CLOSED
    }
  }

  /** RFC 7541 4.2: the first block after the acknowledgement begins with the new size. */
  @Test
  void whoeverIsRefusedAgainIsToldTheNewSizeOfTheHeaderTable() throws IOException {
    limit("ingestRequestsPerSecond: 0");
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      client.await(LimitsIT::acknowledges);
      export(client, new byte[5]); // this one is decided by asking
      export(client, new byte[5]);
      int last = client.request(harness.grpc(EXPORT), false);
      assertThat(client.next(last).field("grpc-status")).isEqualTo("8");
      ByteArrayOutputStream at = new ByteArrayOutputStream(); // once, so that they are read at once
      at.writeBytes(client.headerBytes(last + 2, harness.grpc(EXPORT), false));
      byte[] noTable = {0, 1, 0, 0, 0, 0};
      at.writeBytes(H2Wire.bytes(H2Wire.SETTINGS, 0, 0, noTable));
      at.writeBytes(client.headerBytes(last + 4, harness.grpc(EXPORT), false));
      client.wire.write(at.toByteArray());
      client.skipStreams(2);

      H2Wire.Frame next = client.await(f -> f.stream() == last + 2 || acknowledges(f));
      assertThat(next.stream()).isEqualTo(last + 2);
      assertThat(client.next(last + 4).payload()[0]).isEqualTo((byte) 0x20);
      assertThat(export(client, new byte[5]).grpcStatus()).isEqualTo("8");
    }
  }

  private static boolean acknowledges(H2Wire.Frame frame) {
    return frame.type() == H2Wire.SETTINGS && frame.payload().length == 0;
  }

  @Test
  void whoeverIsRefusedAgainIsAskedAboutAgainWhenTheTokenIsAnother() throws IOException {
    limit("ingestRequestsPerSecond: 0");
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      export(client, new byte[5]);
      export(client, new byte[5]);
      assertThat(export(client, new byte[5], "authorization", "Bearer nobody").grpcStatus())
          .isEqualTo("16");
      assertThat(export(client, new byte[5], "x-scope-orgid", "a|b").grpcStatus()).isEqualTo("3");
      assertThat(export(client, new byte[5]).grpcStatus()).isEqualTo("8");
    }
  }

  /** Refused without a stream of Netty's as well, on a connection that was never let in. */
  @Test
  void whoeverLacksACredentialOrARightIsToldTheSameEachTime() throws IOException {
    Http2Headers nobody = harness.grpc(EXPORT);
    nobody.remove("authorization");
    refusedEachTime(nobody, "16");
    refusedEachTime(harness.grpc(EXPORT).set("x-scope-orgid", "foreign"), "7");

    assertThat(tempo.received().count()).isEqualTo(2);
    assertThat(harness.metrics())
        .contains("listener=\"grpc\",reason=\"forbidden\"} 44.0")
        .contains("reason=\"unauthenticated\"} 44.0");
  }

  private void refusedEachTime(Http2Headers head, String status) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      exportWith(client, head); // this one is decided by asking
      H2Wire.Message first = exportWith(client, head);
      for (int i = 0; i < 40; i++) {
        H2Wire.Message again = exportWith(client, head);

        assertThat(again.grpcStatus()).isEqualTo(status);
        assertThat(again.field("grpc-message")).isEqualTo(first.field("grpc-message"));
        assertThat(again.head()).hasSameSizeAs(first.head());
      }
      int stream = client.request(head, false);
      assertThat(client.next(stream).field("grpc-status")).isEqualTo(status);
      client.reset(stream, 8);

      assertThat(export(client, new byte[5]).grpcStatus()).isEqualTo("0");
      assertThat(exportWith(client, head).grpcStatus()).isEqualTo(status);
    }
  }

  private static H2Wire.Message exportWith(H2Wire client, Http2Headers head) throws IOException {
    int stream = client.request(head, false);
    client.data(stream, new byte[5], true);
    return client.message(stream);
  }

  @Test
  void aFloodOfLargeMessagesMaySendLittleAheadUntilOneIsLetThrough() throws IOException {
    limit("ingestRequestsPerSecond: 0");
    byte[] large = Spans.message(false, Spans.otlp(2_000, 100));
    try (H2Wire client = H2Wire.connect(harness.port("grpc"))) {
      export(client, new byte[5]); // this one is decided by asking
      export(client, new byte[5]);
      int stream = client.request(harness.grpc(EXPORT), false);
      assertThat(client.next(stream).field("grpc-status")).isEqualTo("8");
      client.data(stream, new byte[40_000], false);
      assertThat(client.await(H2Wire.RST, stream).code()).isZero();
      client.roundTrip();
      int next = client.request(harness.grpc(EXPORT), false);
      assertThat(client.room(next)).isEqualTo(2_048);
      assertThat(client.next(next).field("grpc-status")).isEqualTo("8");
      client.data(next, new byte[2_048], false);
      assertThat(client.await(H2Wire.RST, next).code()).isZero();

      limit("");
      assertThat(export(client, large).grpcStatus()).isEqualTo("0");
    }
    assertThat(tempo.store().spanCount(GatewayHarness.TENANT)).isEqualTo(1); // all the same one
  }

  // ---- reading

  @Test
  void queriesASecond() throws IOException {
    limit("queriesPerSecond: 0.001");

    assertThat(search().status()).isEqualTo(200);
    assertThat(search().status()).isEqualTo(429);
  }

  @Test
  void streamsAtATimeAreGivenBackWhenTheyAreAborted() throws IOException {
    limit("concurrentStreams: 1");
    tempo.streaming().close();
    try (H2Wire client = H2Wire.connect(harness.port("query"));
        H2Wire other = H2Wire.connect(harness.port("query"))) {
      int held = stream(client);
      tempo.received().await(r -> r.path().equals(SEARCH));

      int refused = stream(other);
      assertThat(other.message(refused).grpcStatus()).isEqualTo("8");

      client.reset(held, 8);
      client.roundTrip();
      harness.assertIdle();
      stream(other);
      tempo.received().await(r -> r.path().equals(SEARCH) && !r.cancelled());
    }
  }

  private int stream(H2Wire client) throws IOException {
    return stream(harness, client);
  }

  private static int stream(GatewayHarness gateway, H2Wire client) throws IOException {
    int stream = client.request(gateway.grpc(SEARCH), false);
    client.data(stream, Spans.message(false, new byte[0]), true);
    return stream;
  }

  @Test
  void aFederatedReadIsChargedToEveryTenantOrToNone() throws IOException {
    harness.reload(
        configuration(
            "limits: {tenants: {acme: {queriesPerSecond: 0.001}, other: {queriesPerSecond:"
                + " 0}}}\n"));
    ServiceAccount account = harness.kubernetes.serviceAccount("apps", "both");
    harness.kubernetes.grant(account.subject(), Rule.readTraces("acme"), Rule.readTraces("other"));
    String token = harness.kubernetes.token(account);
    String both = "X-Scope-OrgID: acme|other\r\nAuthorization: Bearer " + token;
    try (Wire client = Wire.connect(harness.port("query"))) {
      client.write("GET /api/search HTTP/1.1\r\nHost: a\r\n" + both + "\r\n\r\n");

      Wire.Head refused = client.readHead();

      assertThat(refused.status()).isEqualTo(429);
      assertThat(new String(client.readBody(refused), StandardCharsets.UTF_8))
          .contains("tenant other is over queriesPerSecond");
    }
    assertThat(search().status()).isEqualTo(200); // what was taken from acme was put back
    assertThat(search().status()).isEqualTo(429);
  }

  // ---- tenants

  @Test
  void oneTenantsLimitIsNotAnothers() throws IOException {
    harness.reload(configuration("limits: {tenants: {acme: {ingestRequestsPerSecond: 0}}}\n"));
    ServiceAccount account = harness.kubernetes.serviceAccount("apps", "second");
    harness.kubernetes.grant(account.subject(), Rule.writeTraces("other"));
    String token = harness.kubernetes.token(account);

    assertThat(post(Spans.otlp(1, 10)).status()).isEqualTo(429);
    try (Wire client = Wire.connect(harness.port("http"))) {
      byte[] body = Spans.otlp(1, 10);
      client
          .write(
              "POST /v1/traces HTTP/1.1\r\n"
                  + "Host: a\r\n"
                  + "X-Scope-OrgID: other\r\n"
                  + "Authorization: Bearer "
                  + token
                  + "\r\nContent-Type: application/x-protobuf\r\nContent-Length: "
                  + body.length
                  + "\r\n\r\n")
          .write(body);
      assertThat(client.readHead().status()).isEqualTo(200);
    }
  }

  @Test
  void whoeverHasTooMuchInFlightLeavesRoomForOthers() throws IOException {
    String small =
        configuration("forwarding: {maxRequestsInFlight: 4, eventLoops: 1, drain: 10ms}\n");
    try (GatewayHarness crowded = GatewayHarness.start(small);
        H2Wire greedy = H2Wire.connect(crowded.port("query"))) {
      tempo.streaming().close();
      ServiceAccount modest = crowded.kubernetes.serviceAccount("apps", "modest");
      crowded.kubernetes.grant(modest.subject(), Rule.readTraces("other"));
      int[] held = {stream(crowded, greedy), stream(crowded, greedy)};
      tempo.received().await(r -> r.path().equals(SEARCH));

      H2Wire.Message refused = greedy.message(stream(crowded, greedy));
      assertThat(refused.grpcStatus()).isEqualTo("14");
      assertThat(refused.field("grpc-message")).contains("tenant acme holds its share");
      try (Wire client = Wire.connect(crowded.port("query"))) {
        client.write(
            "GET /api/search HTTP/1.1\r\nHost: a\r\nX-Scope-OrgID: other\r\nAuthorization: Bearer "
                + crowded.kubernetes.token(modest)
                + "\r\n\r\n");
        assertThat(client.readHead().status()).isEqualTo(200);
      }
      for (int stream : held) {
        greedy.reset(stream, 8);
      }
      greedy.roundTrip();
      tempo.streaming().open();
    }
  }

  @Test
  void queriesThatTakeLongLeaveConnectionsToOthers() throws IOException {
    String few =
        configuration("forwarding: {eventLoops: 1, drain: 10ms}\n")
            .replace("protocol: auto", "protocol: auto, connections: {max: 4}");
    tempo.faults().times(Surface.QUERY_HTTP, 2, Fault.hang());
    try (GatewayHarness busy = GatewayHarness.start(few);
        Wire first = slowQuery(busy);
        Wire second = slowQuery(busy)) {
      GatewayHarness.until(() -> tempo.received().count(Surface.QUERY_HTTP) == 2);
      ServiceAccount modest = busy.kubernetes.serviceAccount("apps", "modest");
      busy.kubernetes.grant(modest.subject(), Rule.readTraces("other"));
      try (Wire waiting = slowQuery(busy);
          Wire other = Wire.connect(busy.port("query"))) {
        other.write(
            "GET /api/search HTTP/1.1\r\nHost: a\r\nX-Scope-OrgID: other\r\nAuthorization: Bearer "
                + busy.kubernetes.token(modest)
                + "\r\n\r\n");
        assertThat(other.readHead().status()).isEqualTo(200);
        assertThat(tempo.received().last().tenant()).isEqualTo("other");
        assertThat(tempo.received().count(Surface.QUERY_HTTP)).isEqualTo(3);

        first.close();

        assertThat(waiting.readHead().status()).isEqualTo(200);
      }
    }
  }

  private static Wire slowQuery(GatewayHarness gateway) throws IOException {
    return Wire.connect(gateway.port("query")).write(gateway.http1("GET", "/api/search?q=%7B%7D"));
  }

  // ---- changes

  @Test
  void aChangedLimitDoesNotForgetWhatWasUsed() throws IOException {
    limit("ingestBytesPerSecond: 1B, ingestBurst: 20KB");
    assertThat(post(Spans.otlp(1, 19_000)).status()).isEqualTo(200);

    limit("ingestBytesPerSecond: 2B, ingestBurst: 40KB");

    assertThat(post(Spans.otlp(1, 19_000)).status()).isEqualTo(429);
    limit("");
    assertThat(post(Spans.otlp(1, 19_000)).status()).isEqualTo(200);
  }

  @Test
  void temposOverridesFileIsFollowed() throws IOException {
    Path file = harness.directory.resolve("overrides.yaml");
    Files.writeString(
        file, "overrides: {acme: {ingestion: {rate_limit_bytes: 0, burst_size_bytes: 0}}}");
    harness.reload(configuration("limits: {tempoOverridesFile: DIR/overrides.yaml}\n"));
    assertThat(post(Spans.otlp(1, 10)).status()).isEqualTo(413);

    Files.writeString(file, "overrides: [");
    harness.pollFiles();
    assertThat(post(Spans.otlp(1, 10)).status()).isEqualTo(413);

    Files.writeString(file, "overrides: {'*': {ingestion_rate_limit_bytes: 100000}}");
    harness.pollFiles();
    assertThat(post(Spans.otlp(1, 10)).status()).isEqualTo(200);
  }

  // ---- listeners

  @Test
  void aListenersCeilingHoldsBeforeAnybodyIsAsked() throws IOException {
    harness.reload(
        configuration("")
            .replace(
                "serves: [otlp-http],",
                "serves: [otlp-http], limits: {requestsPerSecond: 0.001},"));

    assertThat(post(Spans.otlp(1, 10)).status()).isEqualTo(200);
    Wire.Head refused = post(Spans.otlp(1, 10));

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.value("retry-after")).isNotEmpty();
  }
}
