package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.decision.CountingObserver;
import io.scopegate.authz.http.HttpFailures;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.TestCa;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An API server that ends connections in good order, as with {@code --goaway-chance}. */
final class GoAwayIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  /**
   * How often the JDK's client sends a request by itself: twice where it sends again what a GOAWAY
   * left out (JDK-8335181, from 17.0.17 and 24 on).
   */
  private static final int TRIES_OF_THE_CLIENT =
      Runtime.version().feature() >= 24
              || Runtime.version().feature() == 17 && Runtime.version().update() >= 17
          ? 2
          : 1;

  private final TestCa ca = TestCa.create();
  private final CountingObserver observer = new CountingObserver();
  private final AtomicInteger asked = new AtomicInteger();

  /** How many of the next requests are answered with a GOAWAY only. */
  private final AtomicInteger partings = new AtomicInteger();

  /** How many requests came by HTTP/1.1, and what they get; 0: no answer. */
  private final AtomicInteger plain = new AtomicInteger();

  private volatile int plainStatus;

  private Vertx vertx;
  private HttpServer server;
  private KubernetesApi api;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setSsl(true)
            .setUseAlpn(true)
            .setKeyCertOptions(ca.server().keyCertOptions());
    server = Await.result(vertx.createHttpServer(options).requestHandler(this::handle).listen(0));
    api =
        Await.result(
            KubernetesApi.connect(
                vertx, this::cluster, Fixtures.reviews(TIMEOUT), new HandClock(), observer));
  }

  @AfterEach
  void stop() {
    Await.result(api.close());
    Await.result(vertx.close());
  }

  private Cluster cluster() {
    URI uri = URI.create("https://127.0.0.1:" + server.actualPort());
    return new Cluster(uri, ca.pem(), false, null, null);
  }

  private void handle(HttpServerRequest request) {
    asked.incrementAndGet();
    if (request.version() != HttpVersion.HTTP_2) {
      plain.incrementAndGet();
      if (plainStatus == 0) {
        request.connection().close();
      } else {
        request.response().setStatusCode(plainStatus).end();
      }
      return;
    }
    if (partings.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      request.connection().goAway(0, 0);
      return;
    }
    request
        .body()
        .onSuccess(body ->
            request.response().setStatusCode(201).end("{\"status\":{\"authenticated\":false}}"));
  }

  private ApiAnswer review() {
    return Await.result(
        api.review(Kind.TOKEN, ReviewPriority.KNOWN, () -> TokenReviews.request("t", null)));
  }

  @Test
  void aReviewIsAskedOnceMoreOnANewConnectionAndNothingCountsAsAFailure() {
    assertThat(review().status()).isNotNull();
    for (int i = 0; i < 10; i++) {
      partings.set(1);
      assertThat(review().status()).isNotNull();
    }
    assertThat(asked).hasValue(21);
    assertThat(observer.circuit).isEmpty();
    assertThat(api.reviewer().isDown()).isFalse();
  }

  @Test
  void aServerThatSaysNothingElseIsAskedTwiceAndOnceByHttp11AndNotMore() {
    partings.set(1000);
    assertThat(review().problem()).contains("could not be reached");
    assertThat(asked).hasValue(2 * TRIES_OF_THE_CLIENT + 1);
    assertThat(plain).hasValue(1);
  }

  /** As API servers answer a token of ours that they do not accept. */
  @Test
  void a401WithGoAwayBehindItIsA401() {
    partings.set(1000);
    plainStatus = 401;
    assertThat(review().problem()).contains("refused the gateway's own credentials");
    assertThatThrownBy(() -> Await.result(api.get("/openid/v1/jwks")))
        .hasStackTraceContaining("refused the gateway's own credentials");
    assertThat(observer.circuit).isEmpty();
  }

  @Test
  void documentsAreReadOnceMoreToo() {
    partings.set(1);
    assertThat(Await.result(api.get("/openid/v1/jwks")).status()).isEqualTo(201);
  }

  @Test
  void aWatchThatEndsSoIsToldWhy() throws Exception {
    partings.set(TRIES_OF_THE_CLIENT);
    CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
    try (ApiConnection connection = new ApiConnection(cluster(), TIMEOUT.toMillis())) {
      connection
          .watch(
              "/watch",
              "application/json",
              null,
              new ApiConnection.Listener() {
                @Override
                public void opened() {}

                @Override
                public void line(byte[] line) {}

                @Override
                public void ended(int status, String retryAfter, @Nullable Throwable failure) {
                  end.complete(failure);
                }
              })
          .start();
      Throwable failure = end.get(20, TimeUnit.SECONDS);
      assertThat(failure).isNotNull();
      assertThat(HttpFailures.isGoAway(failure)).isTrue();
    }
  }
}
