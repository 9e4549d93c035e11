package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.testkit.tempo.SpanBodies;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages in a browser, which call gRPC methods by gRPC-Web. */
final class GrpcWebIT {
  private static final String EXPORT =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";
  private static final String TYPE = "application/grpc-web+proto";
  private static final String PAGE = "https://shop.example";

  private static TempoStandIn tempo;
  private static GatewayHarness harness;
  private static String stranger;

  @BeforeAll
  static void start() {
    tempo = TempoStandIn.start();
    harness =
        GatewayHarness.start(
            """
            upstreams:
              otlp-grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
              query: {url: "http://127.0.0.1:%d"}
              gone: {url: "http://127.0.0.1:1", protocol: h2c}
            listeners:
              web:
                address: "127.0.0.1:0"
                grpcWeb: true
                cors: {origins: ["https://shop.example"]}
                routes:
                  - {serves: [otlp-grpc], upstream: otlp-grpc}
                  - {serves: [tempo-query], upstream: query}
              gone:
                {address: "127.0.0.1:0", grpcWeb: true, serves: [otlp-grpc], upstream: gone}
              plain: {address: "127.0.0.1:0", serves: [otlp-grpc], upstream: otlp-grpc}
            limits: {defaults: {maxRequestBytes: 32KiB}}
            """
                .formatted(tempo.otlpGrpcPort(), tempo.queryPort()));
    stranger = harness.kubernetes.token(harness.kubernetes.serviceAccount("apps", "stranger"));
  }

  @AfterAll
  static void stop() {
    harness.assertIdle();
    harness.close();
    tempo.close();
  }

  /** How a call was answered: the messages, and what the last frame of the body says. */
  private record Answer(int status, String type, String origin, List<byte[]> messages, String end) {
    static Answer of(int status, String type, String origin, byte[] body) {
      List<byte[]> messages = new ArrayList<>();
      String end = "";
      for (ByteBuffer left = ByteBuffer.wrap(body); left.hasRemaining(); ) {
        assertThat(end).as("a frame behind the last one").isEmpty();
        byte flags = left.get();
        byte[] frame = new byte[left.getInt()];
        left.get(frame);
        if (flags == 0) {
          messages.add(frame);
        } else {
          assertThat(flags).isEqualTo((byte) 0x80);
          end = new String(frame, StandardCharsets.US_ASCII);
        }
      }
      return new Answer(status, type, origin, messages, end);
    }
  }

  private static Answer http1(String listener, String token, String method, byte[] body)
      throws IOException {
    try (Wire client = Wire.connect(harness.port(listener))) {
      client.write(
          harness.http1With(
              token,
              "POST",
              method,
              "Origin: " + PAGE,
              "X-Grpc-Web: 1",
              "Content-Type: " + TYPE,
              "Content-Length: " + body.length));
      client.write(body);
      Wire.Head head = client.readHead();
      byte[] answer = client.readBody(head);
      assertThat(client.trailers).isEmpty();
      return Answer.of(
          head.status(),
          head.value("content-type"),
          head.value("access-control-allow-origin"),
          answer);
    }
  }

  private static Answer http2(String listener, String token, String method, byte[] body)
      throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port(listener))) {
      Http2Headers head =
          harness.http2With(
              token, "POST", method, "origin", PAGE, "x-grpc-web", "1", "content-type", TYPE);
      int stream = client.request(head, false);
      client.data(stream, body, true);
      H2Wire.Message message = client.message(stream);
      assertThat(message.trailers()).isNull();
      return Answer.of(
          message.status(),
          message.field("content-type"),
          message.field("access-control-allow-origin"),
          message.body());
    }
  }

  private static Answer call(
      String version, String listener, String token, String method, byte[] body)
      throws IOException {
    return version.equals("HTTP/1.1")
        ? http1(listener, token, method, body)
        : http2(listener, token, method, body);
  }

  private static byte[] export(String trace) {
    SpanBodies span = new SpanBodies(trace, "shop", "checkout", 1_700_000_000_000_000_000L);
    return Spans.message(false, span.otlp());
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/2"})
  void aPageExportsSpans(String version) throws IOException {
    String trace = Traces.newId();

    Answer answer = call(version, "web", harness.token, EXPORT, export(trace));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.type()).startsWith("application/grpc-web");
    assertThat(answer.origin()).isEqualTo(PAGE);
    assertThat(answer.messages()).hasSize(1);
    assertThat(answer.end()).contains("grpc-status: 0\r\n");
    assertThat(tempo.store().trace(GatewayHarness.TENANT, trace)).hasSize(1);
    assertThat(tempo.received().last().header("content-type"))
        .containsExactly("application/grpc+proto");
    assertThat(tempo.received().last().header("x-grpc-web")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/2"})
  void aStreamOfAnswersEndsWithItsStatus(String version) throws IOException {
    byte[] search = SearchRequest.newBuilder().setQuery("{}").build().toByteArray();

    Answer answer = call(version, "web", harness.token, SEARCH, Spans.message(false, search));

    assertThat(answer.messages()).isNotEmpty();
    assertThat(answer.end()).contains("grpc-status: 0\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/2"})
  void refusalsAreInItsOwnForm(String version) throws IOException {
    long before = tempo.received().count();
    byte[] body = export(Traces.newId());

    assertRefused(call(version, "web", "bad", EXPORT, body), 16);
    assertRefused(call(version, "web", stranger, EXPORT, body), 7);
    assertRefused(call(version, "web", harness.token, "/tempopb.Pusher/PushBytesV2", body), 12);
    assertThat(tempo.received().count()).isEqualTo(before);
    assertRefused(
        call(version, "web", harness.token, EXPORT, Spans.message(false, new byte[60_000])),
        3); // within a window

    Answer later = call(version, "gone", harness.token, EXPORT, body);
    assertRefused(later, 14);
    assertThat(later.end()).contains("grpc-status-details-bin: ");
  }

  private static void assertRefused(Answer answer, int status) {
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.type()).isEqualTo(TYPE);
    assertThat(answer.messages()).isEmpty();
    assertThat(answer.end())
        .startsWith("grpc-status: " + status + "\r\ngrpc-message: ")
        .endsWith("\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/2"})
  void whatTempoRefusesHasItsStatusInTheBody(String version) throws IOException {
    byte[] nonsense = Spans.message(false, new byte[] {(byte) 0xff, (byte) 0xff});

    Answer answer = call(version, "web", harness.token, EXPORT, nonsense);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.messages()).isEmpty();
    assertThat(answer.end()).contains("grpc-status: ").doesNotContain("grpc-status: 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1", "HTTP/2"})
  void whereItIsOffItIsNotFound(String version) throws IOException {
    String other = version.equals("HTTP/1.1") ? notFoundHttp1() : notFoundHttp2();

    assertThat(other).isEqualTo("404 application/problem+json");
  }

  private static String notFoundHttp1() throws IOException {
    try (Wire client = Wire.connect(harness.port("plain"))) {
      client.write(harness.http1("POST", EXPORT, "Content-Type: " + TYPE));
      Wire.Head head = client.readHead();
      return head.status() + " " + head.value("content-type");
    }
  }

  private static String notFoundHttp2() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("plain"))) {
      Http2Headers head = harness.http2("POST", EXPORT, "content-type", TYPE);
      H2Wire.Message message = client.message(client.request(head, true));
      return message.status() + " " + message.field("content-type");
    }
  }

  @Test
  void gRpcItselfIsServedOnTheSamePort() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("web"))) {
      int stream = client.request(harness.grpc(EXPORT), false);
      client.data(stream, export(Traces.newId()), true);
      H2Wire.Message message = client.message(stream);

      assertThat(message.grpcStatus()).isEqualTo("0");
      assertThat(message.trailers()).isNotNull();
    }
  }

  @Test
  void aConnectionOfHttp1GoesOn() throws IOException {
    try (Wire client = Wire.connect(harness.port("web"))) {
      for (int i = 0; i < 3; i++) {
        byte[] body = export(Traces.newId());
        client.write(
            harness.http1(
                "POST", EXPORT, "Content-Type: " + TYPE, "Content-Length: " + body.length));
        client.write(body);
        Wire.Head head = client.readHead();
        Answer answer = Answer.of(head.status(), "", "", client.readBody(head));
        assertThat(answer.end()).contains("grpc-status: 0\r\n");
      }
    }
  }
}
