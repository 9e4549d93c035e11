package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.ReviewsConfig;
import io.scopegate.authz.TokenCacheConfig;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.KubernetesApi;
import io.scopegate.authz.kubernetes.ScriptedApiServer;
import io.scopegate.testkit.Await;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A gateway that knows nobody, and everybody comes back at once: twice as many as its queue holds.
 * The queue is the default one; only the reviews a second are more, so that it does not take a
 * minute.
 */
final class RestartIT {
  private static final int CLIENTS = 4_000;
  private static final int USERS = 300;
  private static final int TENANTS = 600;
  private static final int REQUESTS = 3;
  private static final int PER_SECOND = 4000;
  private static final int BURST = 400;
  private static final int CONCURRENT = 64;

  /** Of a review and of it all: on a slow machine nothing may be asked about twice either. */
  private static final Duration LONGEST = Duration.ofMinutes(4);

  private final InstantSource clock = InstantSource.system();
  private final ReviewsConfig reviews =
      new ReviewsConfig(PER_SECOND, BURST, CONCURRENT, 2000, 32, 20, LONGEST);
  private Vertx vertx;
  private ScriptedApiServer server;
  private KubernetesApi api;
  private TokenReviewAuthenticator authenticator;
  private SubjectAccessReviewAuthorizer authorizer;

  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger mostInFlight = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicInteger served = new AtomicInteger();
  private final Promise<Void> allServed = Promise.promise();

  @BeforeEach
  void connect() throws Exception {
    vertx = Vertx.vertx();
    server = new ScriptedApiServer();
    api =
        Await.result(
            KubernetesApi.connect(vertx, server.access(), reviews, clock, ReviewObserver.NONE));
    TokenCacheConfig cache =
        new TokenCacheConfig(
            Duration.ofMinutes(2), Duration.ofSeconds(10), Duration.ofMinutes(5), 20_000);
    KubernetesConfig config =
        new KubernetesConfig(
            KubernetesConfig.Mode.REVIEW,
            null,
            List.of(),
            true,
            KubernetesConfig.ForeignTokens.ASK,
            false,
            cache,
            reviews);
    authenticator = new TokenReviewAuthenticator(api, config, clock, ReviewObserver.NONE);
    authorizer =
        new SubjectAccessReviewAuthorizer(api, Fixtures.decisions(), clock, ReviewObserver.NONE);
  }

  @AfterEach
  void close() {
    Await.result(api.close());
    Await.result(vertx.close());
    server.close();
  }

  /** One of many that want the same again and again, and come back when they are told to. */
  private final class Client {
    private final int number;
    private int left = REQUESTS;

    Client(int number) {
      this.number = number;
    }

    void request() {
      authenticator
          .authenticate("token-" + number)
          .onSuccess(who -> {
            switch (who.outcome()) {
              case AUTHENTICATED -> authorize(who.user());
              case UNAUTHENTICATED -> refused();
              case UNDECIDED -> retry();
            }
          });
    }

    private void authorize(User user) {
      authorizer
          .authorize(user, tenant(number % TENANTS))
          .onSuccess(may -> {
            switch (may.decision()) {
              case ALLOW -> served();
              case DENY -> refused();
              case UNDECIDED -> retry();
            }
          });
    }

    private void retry() {
      retries.incrementAndGet();
      vertx.setTimer(500 + number % 1000, again -> request());
    }

    private void refused() {
      refusals.incrementAndGet();
      allServed.tryFail("client " + number + " was refused");
    }

    private void served() {
      left--;
      if (left > 0) {
        vertx.setTimer(50, again -> request());
      } else if (served.incrementAndGet() == CLIENTS) {
        allServed.tryComplete();
      }
    }
  }

  private static ResourceAttributes tenant(int number) {
    return new ResourceAttributes("create", "g", "", "tenant-" + number, "", "traces", "");
  }

  private static JsonObject status(JsonObject spec) {
    String token = spec.getString("token");
    return token == null
        ? Fixtures.allowed(true)
        : Fixtures.accepted("user-" + Integer.parseInt(token.substring(6)) % USERS);
  }

  private ResponseDefinitionBuilder answer(ScriptedApiServer.Asked asked) {
    mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
    JsonObject status = status(asked.body().getJsonObject("spec"));
    inFlight.decrementAndGet();
    return ScriptedApiServer.answer(201, new JsonObject().put("status", status).encode());
  }

  @Test
  void fourThousandClientsAreAskedAboutOnceEachWithinTheBudgetAndNobodyIsRefused()
      throws Exception {
    server.script(this::answer);
    long start = System.nanoTime();
    Context loop = vertx.getOrCreateContext();
    loop.runOnContext(go -> {
      for (int number = 0; number < CLIENTS; number++) {
        new Client(number).request();
      }
    });
    allServed
        .future()
        .toCompletionStage()
        .toCompletableFuture()
        .get(LONGEST.toMinutes(), TimeUnit.MINUTES);
    double seconds = (System.nanoTime() - start) / 1e9;

    Set<JsonObject> distinct = new HashSet<>();
    server.asked.forEach(asked -> distinct.add(asked.body().getJsonObject("spec")));
    assertThat(distinct.size()).isEqualTo(CLIENTS + TENANTS);
    assertThat(server.asked.size()).isEqualTo(distinct.size());
    assertThat((double) server.asked.size()).isLessThanOrEqualTo(BURST + PER_SECOND * seconds + 1);
    assertThat(mostInFlight.get()).isLessThanOrEqualTo(CONCURRENT);
    assertThat(refusals).hasValue(0);
    assertThat(retries.get()).isPositive();
  }
}
