package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.tempo.Received;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Hostile tokens, headers and tenants: each gets its answer, and Tempo hears nothing of it. */
class HostileIT {
  private static final String READ = "/api/search";
  private static final String WRITE = "/v1/traces";
  private static final String GRPC_READ = "/tempopb.StreamingQuerier/SearchTags";
  private static final String GRPC_WRITE =
      "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final byte[] EMPTY_MESSAGE = new byte[5];

  private static TempoStandIn tempo;
  private static GatewayHarness harness;
  private static HostileTokens tokens;

  @BeforeAll
  static void start() {
    tempo = TempoStandIn.start();
    harness =
        GatewayHarness.start(
            """
            upstreams:
              otlp-grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
              otlp-http: {url: "http://127.0.0.1:%d", protocol: http1}
              query: {url: "http://127.0.0.1:%d", protocol: auto}
            listeners:
              in:
                address: "127.0.0.1:0"
                routes:
                  - {serves: [otlp-grpc], upstream: otlp-grpc}
                  - {serves: [otlp-http], upstream: otlp-http}
                  - {serves: [tempo-query], upstream: query}
            tenancy: {ids: {beta: b-17}}
            """
                .formatted(tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort()));
    ServiceAccount account = harness.kubernetes.serviceAccount("apps", "hostile");
    harness.kubernetes.grant(
        account.subject(),
        Rule.readTraces("acme"),
        Rule.writeTraces("acme"),
        Rule.readTraces("beta"),
        Rule.writeTraces("beta"),
        Rule.readTraces("b-17"));
    tokens = new HostileTokens(harness.kubernetes, account);
  }

  @AfterAll
  static void stop() {
    harness.close();
    tempo.close();
  }

  static Stream<Arguments> cases() {
    return HostileCase.all()
        .flatMap(one ->
            Stream.of("http1", "http2", "grpc")
                .filter(protocol -> one.expected(protocol) != null)
                .map(protocol -> Arguments.of(one, protocol)));
  }

  @Test
  void thereAreEnough() {
    assertThat(HostileCase.all().map(HostileCase::toString))
        .doesNotHaveDuplicates()
        .hasSizeGreaterThan(60);
  }

  @ParameterizedTest(name = "{1}: {0}")
  @MethodSource("cases")
  void answersAndForwardsNothing(HostileCase hostile, String protocol) throws IOException {
    tempo.received().clear();
    int asked = harness.kubernetes.requests().of(RequestKind.TOKEN_REVIEW);
    Answer answer =
        switch (protocol) {
          case "http1" -> http1(hostile);
          case "http2" -> http2(hostile);
          default -> grpc(hostile);
        };

    assertThat(answer.status)
        .as("%s by %s: %s", hostile, protocol, answer.text)
        .isEqualTo(hostile.expected(protocol));
    assertWorded(answer);
    if (hostile.unasked()) {
      assertThat(harness.kubernetes.requests().of(RequestKind.TOKEN_REVIEW)).isEqualTo(asked);
    }
    assertReceived(hostile);
  }

  /** As it must be said: with the challenge of RFC 6750, and nothing of anybody's token. */
  private static void assertWorded(Answer answer) {
    if (answer.status.equals("401")) {
      assertThat(answer.text).containsIgnoringCase("www-authenticate: Bearer");
    }
    assertThat(answer.text).doesNotContain("eyJ");
  }

  /** What reached Tempo, up to a request that was sent after it. */
  private static void assertReceived(HostileCase hostile) throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      client.write(harness.http1With(harness.token, "GET", READ + "?after"));
      assertThat(client.readHead().status()).isEqualTo(200);
    }
    List<Received> all = new ArrayList<>(tempo.received().all());
    assertThat(all.removeIf(request -> request.uri().endsWith("?after"))).isTrue();
    if (hostile.received().isEmpty() || hostile.maybe() && all.isEmpty()) {
      assertThat(all).isEmpty();
      return;
    }
    assertThat(all).hasSize(1);
    for (Map.Entry<String, String> header : hostile.received().entrySet()) {
      List<String> values = all.get(0).header(header.getKey());
      assertThat(values)
          .as(header.getKey())
          .isEqualTo(header.getValue().isEmpty() ? List.of() : List.of(header.getValue()));
    }
    assertThat(all.get(0).header("authorization")).isEmpty();
    assertThat(all.get(0).header("x-scope-orgid")).hasSize(1);
  }

  // ---- sending

  private static Answer http1(HostileCase hostile) throws IOException {
    try (Wire client = Wire.connect(harness.port("in"))) {
      String head = hostile.text("raw", HostileIT::place);
      client.write(head.isEmpty() ? head(hostile) : head);
      Wire.Head answer = client.readHead();
      if (answer.text().isEmpty()) {
        return new Answer("closed", "");
      }
      String body = new String(client.readBody(answer), StandardCharsets.UTF_8);
      return new Answer(Integer.toString(answer.status()), answer.text() + body);
    } catch (SocketException e) {
      return new Answer("closed", "");
    }
  }

  private static String head(HostileCase hostile) {
    StringBuilder head = new StringBuilder();
    String first = hostile.text("line", HostileIT::place);
    head.append(first.isEmpty() ? line(hostile) : first).append("\r\n");
    for (String host : hostile.texts("host", "tempo.example", HostileIT::place)) {
      field(head, "Host", host);
    }
    for (String value : hostile.texts("authorization", "Bearer ${good}", HostileIT::place)) {
      field(head, "Authorization", value);
    }
    for (String value : hostile.texts("tenant", "acme", HostileIT::place)) {
      field(head, "X-Scope-OrgID", value);
    }
    List<String> headers = hostile.headers(HostileIT::place);
    for (int i = 0; i < headers.size(); i += 2) {
      field(head, headers.get(i), headers.get(i + 1));
    }
    String lines = hostile.text("lines", HostileIT::place);
    head.append(lines.isEmpty() ? "" : lines + "\r\n");
    if (hostile.writes()) {
      field(head, "Content-Type", "application/x-protobuf");
    }
    String body = hostile.text("body", HostileIT::place);
    if (hostile.writes() && body.isEmpty()) {
      field(head, "Content-Length", "0");
    }
    return head.append("\r\n").append(body).toString();
  }

  private static String line(HostileCase hostile) {
    String target = hostile.text("target", HostileIT::place);
    String method = hostile.writes() ? "POST " : "GET ";
    return method + (target.isEmpty() ? path(hostile) : target) + " HTTP/1.1";
  }

  private static String path(HostileCase hostile) {
    return hostile.writes() ? WRITE : READ;
  }

  private static void field(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append("\r\n");
  }

  private static Answer http2(HostileCase hostile) throws IOException {
    String target = hostile.text("target", HostileIT::place);
    Http2Headers head =
        pseudo(
            hostile, hostile.writes() ? "POST" : "GET", target.isEmpty() ? path(hostile) : target);
    add(head, hostile);
    if (hostile.writes()) {
      head.add("content-type", "application/x-protobuf");
    }
    return send(head, new byte[0], hostile);
  }

  private static Answer grpc(HostileCase hostile) throws IOException {
    Http2Headers head = pseudo(hostile, "POST", hostile.writes() ? GRPC_WRITE : GRPC_READ);
    head.add("content-type", "application/grpc").add("te", "trailers");
    add(head, hostile);
    return send(head, EMPTY_MESSAGE, hostile);
  }

  private static Http2Headers pseudo(HostileCase hostile, String method, String path) {
    List<String> own = hostile.pairs("pseudo", HostileIT::place);
    return own.isEmpty()
        ? H2Wire.fields(
            ":method", method, ":scheme", "http", ":path", path, ":authority", "tempo.example")
        : H2Wire.fields(own.toArray(String[]::new));
  }

  private static void add(Http2Headers head, HostileCase hostile) {
    for (String value : hostile.texts("authorization", "Bearer ${good}", HostileIT::place)) {
      head.add("authorization", value);
    }
    for (String value : hostile.texts("tenant", "acme", HostileIT::place)) {
      head.add("x-scope-orgid", value);
    }
    List<String> headers = hostile.headers(HostileIT::place);
    for (int i = 0; i < headers.size(); i += 2) {
      head.add(headers.get(i).toLowerCase(Locale.ROOT), headers.get(i + 1));
    }
    head.add(H2Wire.fields(hostile.pairs("fields", HostileIT::place).toArray(String[]::new)));
  }

  private static Answer send(Http2Headers head, byte[] body, HostileCase hostile)
      throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("in"))) {
      List<String> trailers = hostile.pairs("trailers", HostileIT::place);
      boolean trailed = !trailers.isEmpty();
      int id = client.request(head, body.length == 0 && !trailed);
      if (body.length > 0) {
        client.data(id, body, !trailed);
      }
      if (trailed) {
        client.headers(id, H2Wire.fields(trailers.toArray(String[]::new)), true);
      }
      H2Wire.Frame first =
          client.await(f ->
              f.type() == H2Wire.GOAWAY && f.code() != 0
                  || f.stream() == id && (f.type() == H2Wire.RST || f.type() == H2Wire.HEADERS));
      return switch (first.type()) {
        case H2Wire.GOAWAY -> new Answer("closed", "");
        case H2Wire.RST -> new Answer("reset", "");
        default -> answer(client.rest(id, first), body.length > 0);
      };
    } catch (SocketException | EOFException e) {
      return new Answer("closed", "");
    }
  }

  private static Answer answer(H2Wire.Message message, boolean grpc) {
    StringBuilder text = new StringBuilder();
    message
        .head()
        .forEach(field ->
            text.append(field.getKey()).append(": ").append(field.getValue()).append('\n'));
    text.append(new String(message.body(), StandardCharsets.UTF_8));
    String status = Integer.toString(message.status());
    return new Answer(
        grpc && !message.grpcStatus().isEmpty() ? message.grpcStatus() : status, text.toString());
  }

  /** A token by name, or {@code basic:} of a text that may hold one in angle brackets. */
  private static String place(String name) {
    if (!name.startsWith("basic:")) {
      return tokens.get(name);
    }
    String pair = name.substring("basic:".length()).replace("GOOD", tokens.get("good"));
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * How a request was answered.
   *
   * @param status of HTTP, or of gRPC where there is one, {@code reset}, {@code closed}
   * @param text headers and body
   */
  private record Answer(String status, String text) {}
}
