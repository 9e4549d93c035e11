package io.scopegate.authz.kubernetes;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.http.Fault;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.ReviewsConfig;
import io.scopegate.authz.decision.CountingObserver;
import io.scopegate.authz.decision.SubjectAccessReviewAuthorizer;
import io.scopegate.authz.decision.TokenReviewAuthenticator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KubernetesApiIT {
  private static final int MOST_ATTEMPTS = 50;

  /** For answers that come: however slow the machine is, none of them is given up. */
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  /** For answers that do not come. */
  private static final Duration SHORT_TIMEOUT = Duration.ofMillis(600);

  private final HandClock clock = new HandClock();
  private final CountingObserver observer = new CountingObserver();
  private Vertx vertx;
  private ScriptedApiServer server;
  private KubernetesApi api;

  @BeforeEach
  void connect() throws Exception {
    vertx = Vertx.vertx();
    server = new ScriptedApiServer();
    api = connect(Fixtures.reviews(TIMEOUT));
  }

  private void reconnect(ReviewsConfig reviews) throws Exception {
    await(api.close());
    api = connect(reviews);
  }

  private KubernetesApi connect(ReviewsConfig reviews) throws Exception {
    return await(KubernetesApi.connect(vertx, server.access(), reviews, clock, observer));
  }

  @AfterEach
  void close() throws Exception {
    await(api.close());
    await(vertx.close());
    server.close();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private ApiAnswer ask() throws Exception {
    return await(review("t"));
  }

  /** Asks again and again, for a while. */
  private void assertIsAnswered() throws Exception {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    ApiAnswer answer = ask();
    while (answer.status() == null && System.nanoTime() - end < 0) {
      answer = ask();
    }
    assertThat(answer.status()).isNotNull();
  }

  private Future<ApiAnswer> review(String token) {
    return api.review(Kind.TOKEN, ReviewPriority.KNOWN, () -> TokenReviews.request(token, null));
  }

  @Test
  void asksWithItsOwnTokenAndReadsTheAnswer() throws Exception {
    server.answers(Fixtures.accepted("jane"));
    assertThat(ask().status().getBoolean("authenticated")).isTrue();
    ScriptedApiServer.Asked asked = server.asked.get(0);
    assertThat(asked.path()).isEqualTo("/apis/authentication.k8s.io/v1/tokenreviews");
    assertThat(asked.authorization()).isEqualTo("Bearer own-token");
    assertThat(asked.body().getJsonObject("spec").getString("token")).isEqualTo("t");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | <html>login</html> | not understood",
        "201 | {\"kind\":\"TokenReview\"} | not understood",
        "201 | {\"kind\":\"Status\",\"status\":{}} | not understood",
        "201 | {\"kind\":7,\"status\":{}} | not understood",
        "201 | {\"status\":\"Failure\"} | not understood",
        "201 | [] | not understood",
        "302 | {} | not understood",
        "404 | {} | not understood",
        "400 | {} | not understood",
        "401 | {} | own credentials",
        "403 | {} | own credentials",
        "429 | {} | overloaded",
        "500 | {} | failed",
        "503 | {} | failed"
      })
  void whatIsNoReviewDecidesNothing(int code, String body, String words) throws Exception {
    server.answers(code, body);
    ApiAnswer answer = ask();
    assertThat(answer.status()).isNull();
    assertThat(answer.problem()).contains(words);
    // Nothing is tried a second time behind our back.
    assertThat(server.asked).hasSize(1);
  }

  @Test
  void followsNoRedirect() throws Exception {
    server.answers(
        ScriptedApiServer.answer(307, "").withHeader("location", "http://127.0.0.1:9/elsewhere"));
    assertThat(ask().problem()).contains("not understood");
    assertThat(server.asked).hasSize(1);
  }

  @Test
  void anAnswerWithoutEndIsCutOff() throws Exception {
    server.answers(201, "x".repeat(1 << 20));
    assertThat(ask().problem()).contains("could not be reached");
  }

  @Test
  void aServerThatHangsIsGivenUp() throws Exception {
    reconnect(Fixtures.reviews(SHORT_TIMEOUT));
    server.hangs();
    assertThat(ask().problem()).contains("in time");
  }

  @Test
  void halfAnAnswerIsGivenUp() throws Exception {
    reconnect(Fixtures.reviews(SHORT_TIMEOUT));
    server.answers(ScriptedApiServer.trickling("{\"status\":{}}"));
    assertThat(ask().problem()).contains("in time");
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aBrokenConnectionOrAnswerIsNoAnswer(Fault fault) throws Exception {
    server.answers(aResponse().withStatus(201).withFault(fault));
    assertThat(ask().problem()).contains("could not be reached");
  }

  @Test
  void threeTimeoutsInARowMakeANewConnection() throws Exception {
    reconnect(Fixtures.reviews(SHORT_TIMEOUT));
    server.hangs();
    int asked = 0;
    while (!observer.reconnections.tryAcquire() && asked < MOST_ATTEMPTS) {
      asked++; // one that a busy machine did not get to send does not count
      clock.turn(Duration.ofSeconds(2)); // with an open circuit one in a second goes out
      ask();
    }
    assertThat(asked).isBetween(3, MOST_ATTEMPTS - 1);
    server.answers(Fixtures.accepted("jane"));
    clock.turn(Duration.ofSeconds(2));
    ApiAnswer answer = ask();
    for (int i = 0; i < MOST_ATTEMPTS && answer.status() == null; i++) {
      clock.turn(Duration.ofSeconds(2));
      answer = ask();
    }
    assertThat(answer.status()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"30", "86400", "9223372036854775807"})
  void leavesTheServerAloneForAsLongAsItAsksButNoLongerThanHalfAMinute(String seconds)
      throws Exception {
    server.answers(ScriptedApiServer.answer(429, "").withHeader("retry-after", seconds));
    ask();
    server.answers(Fixtures.accepted("jane"));
    assertThat(ask().problem()).contains("too many reviews");
    assertThat(server.asked).hasSize(1);
    clock.turn(Duration.ofSeconds(30));
    assertThat(ask().status()).isNotNull();
  }

  @Test
  void holdsNoMoreInFlightThanConfiguredAndRefusesBeyondTheQueue() throws Exception {
    reconnect(new ReviewsConfig(100_000, 100_000, 2, 4, 32, 20, TIMEOUT));
    Semaphore there = new Semaphore(0);
    CountDownLatch released = new CountDownLatch(1);
    server.script(asked -> {
      there.release();
      awaited(released);
      return ScriptedApiServer.answer(201, "{\"status\":{}}");
    });
    List<Future<ApiAnswer>> reviews = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      reviews.add(review("t" + i));
    }
    assertThat(there.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
    assertThat(reviews.get(4).result().problem()).contains("too many reviews");

    assertThat(server.asked).hasSize(2);
    released.countDown();
    for (Future<ApiAnswer> review : reviews.subList(0, 4)) {
      assertThat(await(review).status()).isNotNull();
    }
    assertThat(server.asked).hasSize(4);
  }

  @Test
  void whatWaitsTooLongForItsTurnIsNotAsked() throws Exception {
    reconnect(new ReviewsConfig(100_000, 100_000, 1, 8, 32, 20, SHORT_TIMEOUT));
    server.hangs();
    Future<ApiAnswer> running = review("a");
    Future<ApiAnswer> waiting = review("b");
    assertThat(await(running).problem()).contains("in time");
    assertThat(await(waiting).problem()).contains("in time");
    server.answers(Fixtures.accepted("jane"));
    assertIsAnswered();
  }

  @Test
  void usesARotatedTokenAfterA401() throws Exception {
    server.script(asked -> {
      boolean current = "Bearer new".equals(asked.authorization());
      return ScriptedApiServer.answer(current ? 201 : 401, "{\"status\":{}}");
    });
    assertThat(ask().problem()).contains("own credentials");
    server.token.set("new");
    assertIsAnswered(); // as soon as a worker thread has read it
  }

  @Test
  void aThousandEqualQuestionsFromManyThreadsAreOneCall() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    server.script(asked -> {
      awaited(released);
      return ScriptedApiServer.answer(201, "{\"status\":{}}");
    });
    TokenReviewAuthenticator authenticator =
        new TokenReviewAuthenticator(api, Fixtures.kubernetes(List.of(), TIMEOUT), clock, observer);
    List<Future<Authentication>> all = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(() -> {
            for (int j = 0; j < 250; j++) {
              all.add(authenticator.authenticate("t"));
            }
          });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    released.countDown();
    for (Future<Authentication> each : all) {
      assertThat(await(each).outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    }
    assertThat(all).hasSize(1000);
    assertThat(server.asked).hasSize(1);
  }

  @Test
  void answersOnTheCallersContext() throws Exception {
    server.answers(Fixtures.allowed(true));
    SubjectAccessReviewAuthorizer authorizer =
        new SubjectAccessReviewAuthorizer(api, Fixtures.decisions(), clock, observer);
    Context context = vertx.getOrCreateContext();
    CompletableFuture<Context> found = new CompletableFuture<>();
    context.runOnContext(ignored ->
        authorizer
            .authorize(Fixtures.INGEST, Fixtures.WRITE_PAYMENTS)
            .onSuccess(answer -> found.complete(Vertx.currentContext())));
    assertThat(found.get(20, TimeUnit.SECONDS)).isSameAs(context);
  }

  @Test
  void asksForDocumentsInEachFormThatTheApiServerHasThemIn() throws Exception {
    server.answers(200, "{}");
    assertThat(await(api.get("/openid/v1/jwks")).status()).isEqualTo(200);
    // It says 406 to whoever wants its keys as something else.
    assertThat(server.asked.get(0).accept())
        .contains("application/json")
        .contains("application/jwk-set+json");
  }

  @Test
  void probeTellsWhetherReviewsCanBeAsked() throws Exception {
    server.answers(201, "{\"status\":{\"allowed\":false}}");
    assertThat(await(api.probe())).isEmpty();
    server.answers(403, "{}");
    assertThat(await(api.probe())).contains("own credentials");
  }

  @Test
  void afterItsEndNothingIsAsked() throws Exception {
    await(api.close());
    assertThat(ask().problem()).contains("stopping");
    assertThat(server.asked).isEmpty();
  }

  @Test
  void failsToConnectWhenItCannotBeToldWhere() {
    ClusterAccess missing = ClusterAccess.of(Path.of("no-such-file"), Map.of());
    assertThatThrownBy(() ->
            await(
                KubernetesApi.connect(vertx, missing, Fixtures.reviews(TIMEOUT), clock, observer)))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(ClusterAccessException.class)
        .hasMessageContaining("no-such-file");
  }
}
