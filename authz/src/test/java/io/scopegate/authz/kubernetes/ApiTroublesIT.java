package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.HandClock;
import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.config.Secret;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.ClosedPort;
import io.scopegate.testkit.TestCa;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log says when the API server cannot be reached, or does not accept the gateway. */
final class ApiTroublesIT {
  private final TestCa ca = TestCa.create();
  private final HandClock clock = new HandClock();
  private final List<String> lines = new ArrayList<>();
  private Vertx vertx;
  private HttpServer server;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    server =
        Await.result(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setKeyCertOptions(ca.server().keyCertOptions()))
                .requestHandler(request -> request.response().end("{}"))
                .listen(0));
  }

  @AfterEach
  void stop() {
    Await.result(vertx.close());
  }

  private Cluster at(String url, String authority, @Nullable String name) {
    Secret token = Secret.parse("secret-token");
    return new Cluster(
        URI.create(url),
        authority,
        false,
        name,
        null,
        null,
        token,
        Account.of("user gw in kc (context c)", null, token));
  }

  private String own() {
    return "https://127.0.0.1:" + server.actualPort();
  }

  /** Sends one request and tells what the log would say when it fails. */
  private String asked(Cluster cluster) throws Exception {
    lines.clear();
    ApiAnswers answers = new ApiAnswers(clock, () -> cluster, lines::add);
    CompletableFuture<String> said = new CompletableFuture<>();
    try (ApiConnection connection = new ApiConnection(cluster, 20_000)) {
      connection
          .get("/", cluster.token(), 20_000)
          .whenAnswered((answer, failure) -> {
            if (failure != null) {
              answers.failure(failure);
              answers.failure(failure);
            }
            said.complete(failure == null ? "answered" : String.join("|", lines));
          });
      return said.get(30, TimeUnit.SECONDS);
    }
  }

  private void assertSaid(Cluster cluster, String cause) throws Exception {
    assertThat(asked(cluster))
        .startsWith("The API server " + cluster.server() + " could not be reached: " + cause)
        .doesNotContain("Exception", "java.", "secret-token", "|");
  }

  @Test
  void eachCauseIsOneLineInPlainWordsWithTheUrl() throws Exception {
    String loopback = ca.pem();
    assertThat(asked(at(own(), loopback, null))).isEqualTo("answered");
    try (ClosedPort nobody = ClosedPort.any()) {
      String url = "https://127.0.0.1:" + nobody.number();
      assertSaid(at(url, loopback, null), "connection refused: nothing");
    }
    assertSaid(at("https://no-such-host.invalid", loopback, null), "its name cannot be resolved");
    assertSaid(
        at(own(), TestCa.create().pem(), null),
        "its certificate is not signed by an authority that is trusted here; check");
    assertSaid(
        at(own(), loopback, "other.example"),
        "its certificate is for another name; use a server address");
  }

  @Test
  void clearTextWhereTlsIsExpectedIsNoTls() throws Exception {
    HttpServer clear =
        Await.result(
            vertx
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
                .requestHandler(request -> request.response().end())
                .listen(0));
    assertSaid(
        at("https://127.0.0.1:" + clear.actualPort(), ca.pem(), null), "it does not speak TLS");
  }

  @Test
  void anotherServerNameIsSentAndVerified() throws Exception {
    TestCa.Issued named = ca.named("api.example");
    CompletableFuture<String> sent = new CompletableFuture<>();
    HttpServer other =
        Await.result(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setSni(true)
                        .setKeyCertOptions(named.keyCertOptions()))
                .requestHandler(request -> {
                  sent.complete(String.valueOf(request.connection().indicatedServerName()));
                  request.response().end("{}");
                })
                .listen(0));
    String url = "https://127.0.0.1:" + other.actualPort();
    assertThat(asked(at(url, ca.pem(), "api.example"))).isEqualTo("answered");
    assertThat(sent.get(20, TimeUnit.SECONDS)).isEqualTo("api.example");
    assertSaid(at(url, ca.pem(), null), "its certificate is for another name");
  }

  @Test
  void theProxyOfAKubeconfigIsUsed() throws Exception {
    CompletableFuture<String> tunnel = new CompletableFuture<>();
    HttpServer proxy =
        Await.result(
            vertx
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
                .requestHandler(request -> {
                  tunnel.complete(request.method() + " " + request.authority());
                  request.response().setStatusCode(403).end();
                })
                .listen(0));
    Cluster direct = at(own(), ca.pem(), null);
    Cluster through =
        new Cluster(
            direct.server(),
            direct.ca(),
            false,
            null,
            URI.create("http://127.0.0.1:" + proxy.actualPort()),
            null,
            null,
            direct.account());
    assertSaid(through, "the proxy on the way refuses or fails");
    assertThat(tunnel.get(20, TimeUnit.SECONDS))
        .isEqualTo("CONNECT 127.0.0.1:" + server.actualPort());
  }

  @Test
  void a401NamesTheUrlTheAccountAndTheRemedyOncePerHalfMinute() {
    Cluster cluster = at(own(), ca.pem(), null);
    ApiAnswers answers = new ApiAnswers(clock, () -> cluster, lines::add);
    HttpAnswer refused = new HttpAnswer(401, "", Buffer.buffer());
    assertThat(answers.read(Kind.TOKEN, refused).problem()).contains("own credentials");
    answers.read(Kind.ACCESS, refused);
    assertThat(answers.isUnauthenticated("/openid/v1/jwks", refused)).isTrue();
    assertThat(lines)
        .singleElement()
        .asString()
        .startsWith("The API server " + own() + " answered a TokenReview with 401: it does not")
        .contains("the token of user gw in kc (context c); check that the account still exists");
    clock.turn(Duration.ofSeconds(31));
    answers.read(Kind.ACCESS, refused);
    assertThat(lines).hasSize(2);
    assertThat(lines.get(1)).contains("(2 more times since the last message)");
  }

  @Test
  void a403NamesTheAccountThatLacksTheRight() {
    Cluster cluster = at(own(), ca.pem(), null);
    new ApiAnswers(clock, () -> cluster, lines::add)
        .read(Kind.TOKEN, new HttpAnswer(403, "", Buffer.buffer()));
    assertThat(lines)
        .singleElement()
        .asString()
        .contains("system:auth-delegator", "The gateway uses the token of user gw in kc");
  }
}
