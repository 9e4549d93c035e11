package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What browsers are told about pages of other origins. */
final class CorsIT {
  private static final String SHOP = "https://shop.example";

  private static TempoStandIn tempo;
  private static GatewayHarness harness;

  @BeforeAll
  static void start() {
    tempo = TempoStandIn.start();
    harness =
        GatewayHarness.start(
            """
            upstreams:
              otlp-http: {url: "http://127.0.0.1:%d", protocol: http1}
            listeners:
              plain: {address: "127.0.0.1:0", serves: [otlp-http], upstream: otlp-http}
              any:
                address: "127.0.0.1:0"
                serves: [otlp-http]
                upstream: otlp-http
                cors: {origins: ["*"]}
              listed:
                address: "127.0.0.1:0"
                serves: [otlp-http]
                upstream: otlp-http
                cors:
                  origins: ["http://localhost:3000", "https://shop.example"]
                  headers: [X-Page]
                  credentials: true
                  maxAge: 1m
            """
                .formatted(tempo.otlpHttpPort()));
  }

  @AfterAll
  static void stop() {
    harness.close();
    tempo.close();
  }

  private static String preflight(String path, String origin) {
    return "OPTIONS "
        + path
        + " HTTP/1.1\r\nHost: a\r\nOrigin: "
        + origin
        + "\r\nAccess-Control-Request-Method: POST"
        + "\r\nAccess-Control-Request-Headers: authorization,content-type\r\n\r\n";
  }

  private static Wire.Head ask(String listener, String request) throws IOException {
    try (Wire client = Wire.connect(harness.port(listener))) {
      client.write(request);
      return client.readHead();
    }
  }

  private static String export(String... lines) {
    return harness.http1("POST", "/v1/traces", lines);
  }

  private static void assertNothingAllowed(Wire.Head head) {
    assertThat(head.value("access-control-allow-origin")).isEmpty();
    assertThat(head.value("access-control-allow-credentials")).isEmpty();
    assertThat(head.value("access-control-expose-headers")).isEmpty();
  }

  @Test
  void aBrowserThatAsksIsAnsweredWithoutAToken() throws IOException {
    long before = tempo.received().count();

    Wire.Head head = ask("listed", preflight("/v1/traces", SHOP));

    assertThat(head.status()).isEqualTo(204);
    assertThat(head.value("access-control-allow-origin")).isEqualTo(SHOP);
    assertThat(head.value("access-control-allow-credentials")).isEqualTo("true");
    assertThat(head.value("access-control-allow-methods")).contains("POST");
    assertThat(head.value("access-control-allow-headers"))
        .contains("authorization", "content-type", "x-scope-orgid", "x-page");
    assertThat(head.value("access-control-max-age")).isEqualTo("60");
    assertThat(head.value("vary")).startsWith("origin");
    assertThat(tempo.received().count()).isEqualTo(before);
  }

  @Test
  void theAnswerToThatSaysNothingAboutPaths() throws IOException {
    assertThat(ask("listed", preflight("/flush", SHOP)).status()).isEqualTo(204);
    assertThat(ask("listed", export("Origin: " + SHOP).replace("/v1/traces", "/flush")).status())
        .isEqualTo(404);
  }

  @Test
  void overHttp2ItIsTheSame() throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("listed"))) {
      Http2Headers ask =
          harness
              .http2("OPTIONS", "/v1/traces")
              .add("origin", SHOP)
              .add("access-control-request-method", "POST");
      ask.remove("authorization");

      H2Wire.Message answer = client.message(client.request(ask, true));
      H2Wire.Message next =
          client.message(client.request(harness.http2("GET", "/").add("origin", SHOP), true));

      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.field("access-control-allow-origin")).isEqualTo(SHOP);
      assertThat(next.status()).isEqualTo(404);
      assertThat(next.field("access-control-allow-origin")).isEqualTo(SHOP);
    }
    harness.assertIdle();
  }

  @Test
  void aConnectionGoesOnAfterAQuestionWithABody() throws IOException {
    try (Wire client = Wire.connect(harness.port("listed"))) {
      client.write(
          preflight("/v1/traces", SHOP).replace("\r\n\r\n", "\r\nContent-Length: 4\r\n\r\nbody"));
      assertThat(client.readHead().status()).isEqualTo(204);

      client.write(preflight("/v1/traces", SHOP));
      assertThat(client.readHead().status()).isEqualTo(204);
    }
  }

  @Test
  void aPageMayReadTheAnswersOfTempoAndOfTheGateway() throws IOException {
    String origin = "Origin: " + SHOP;
    String json = "Content-Type: application/json";
    Wire.Head stored = ask("listed", export(origin, json, "Content-Length: 2") + "{}");
    Wire.Head refused = ask("listed", export(origin, json).replace("Bearer ", "Bearer x"));

    assertThat(stored.status()).isEqualTo(200);
    assertThat(refused.status()).isEqualTo(401);
    for (Wire.Head head : new Wire.Head[] {stored, refused}) {
      assertThat(head.value("access-control-allow-origin")).isEqualTo(SHOP);
      assertThat(head.value("access-control-allow-credentials")).isEqualTo("true");
      assertThat(head.value("access-control-expose-headers")).contains("grpc-status, ");
      assertThat(head.value("vary")).isEqualTo("origin");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example",
        "https://shop.example.evil.example",
        "https://xshop.example",
        "http://shop.example",
        "https://shop.example:8443",
        "HTTPS://SHOP.EXAMPLE",
        "https://shop.example/",
        "null",
        "*"
      })
  void otherPagesAreToldNothing(String origin) throws IOException {
    Wire.Head asked = ask("listed", preflight("/v1/traces", origin));
    assertThat(asked.status()).isEqualTo(405);
    assertNothingAllowed(asked);
    assertThat(asked.value("vary")).isEqualTo("origin");

    Wire.Head sent =
        ask(
            "listed",
            export("Origin: " + origin, "Content-Type: application/json", "Content-Length: 2")
                + "{}");
    assertNothingAllowed(sent);
    assertThat(sent.value("vary")).isEqualTo("origin");
  }

  @Test
  void whoIsNoBrowserGetsAnAnswerThatDependsOnTheOriginAllTheSame() throws IOException {
    Wire.Head head =
        ask("listed", export("Content-Type: application/json", "Content-Length: 2") + "{}");

    assertThat(head.status()).isEqualTo(200);
    assertNothingAllowed(head);
    assertThat(head.value("vary")).isEqualTo("origin");
  }

  @Test
  void anyPageMayReadWhereThatIsConfiguredButBringsNoCredentials() throws IOException {
    for (String request : new String[] {preflight("/v1/traces", SHOP), export("Origin: null")}) {
      Wire.Head head = ask("any", request);

      assertThat(head.value("access-control-allow-origin")).isEqualTo("*");
      assertThat(head.value("access-control-allow-credentials")).isEmpty();
    }
  }

  @Test
  void withoutOriginsThereIsNoCors() throws IOException {
    Wire.Head asked = ask("plain", preflight("/v1/traces", SHOP));
    assertThat(asked.status()).isEqualTo(405);
    assertNothingAllowed(asked);
    assertThat(asked.value("vary")).isEmpty();
  }

  @Test
  void aQuestionWithoutAMethodIsNone() throws IOException {
    assertThat(
            ask("listed", "OPTIONS /v1/traces HTTP/1.1\r\nHost: a\r\nOrigin: " + SHOP + "\r\n\r\n")
                .status())
        .isEqualTo(405);
  }
}
