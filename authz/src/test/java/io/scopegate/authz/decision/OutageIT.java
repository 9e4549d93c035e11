package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.HandClock;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.ReviewObserver.Kind;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.ApiAnswer;
import io.scopegate.authz.kubernetes.ClusterAccess;
import io.scopegate.authz.kubernetes.KubernetesApi;
import io.scopegate.authz.kubernetes.ReviewPriority;
import io.scopegate.authz.kubernetes.ScriptedApiServer;
import io.scopegate.authz.kubernetes.TokenReviews;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The conversation with an API server that stops answering and comes back. */
final class OutageIT {
  /** For answers that come: however slow the machine is, none of them is given up. */
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  /** For answers that do not come. */
  private static final Duration SHORT_TIMEOUT = Duration.ofMillis(600);

  @TempDir private Path directory;
  private final HandClock clock = new HandClock();
  private final CountingObserver observer = new CountingObserver();
  private Vertx vertx;
  private ScriptedApiServer server;
  private KubernetesApi api;

  @BeforeEach
  void connect() throws Exception {
    vertx = Vertx.vertx();
    server = new ScriptedApiServer();
    api = connect(server.access(), clock, TIMEOUT);
  }

  @AfterEach
  void close() {
    Await.result(api.close());
    Await.result(vertx.close());
    server.close();
  }

  private KubernetesApi connect(ClusterAccess access, InstantSource time, Duration timeout) {
    return Await.result(
        KubernetesApi.connect(vertx, access, Fixtures.reviews(timeout), time, observer));
  }

  private void reconnect(ClusterAccess access, InstantSource time, Duration timeout) {
    Await.result(api.close());
    api = connect(access, time, timeout);
  }

  private Future<ApiAnswer> review(ReviewPriority lane, String token) {
    return api.review(Kind.TOKEN, lane, () -> TokenReviews.request(token, null));
  }

  private void openByFiveFailures() {
    server.answers(500, "{}");
    for (int i = 0; i < 5; i++) {
      assertThat(api.reviewer().isDown()).isFalse();
      assertThat(Await.result(review(ReviewPriority.UNKNOWN, "t" + i)).problem())
          .contains("failed");
    }
    assertThat(api.reviewer().isDown()).isTrue();
    assertThat(observer.circuit).containsExactly(true);
    server.asked.clear();
  }

  @Test
  void whileItIsOpenUnknownQuestionsWaitBehindOneProbeOfTheGatewaysOwn() {
    reconnect(server.access(), clock, Duration.ofSeconds(4)); // five answers come, fifty do not
    openByFiveFailures();
    List<Future<ApiAnswer>> waiting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      waiting.add(review(ReviewPriority.UNKNOWN, "waits-" + i));
    }
    for (Future<ApiAnswer> each : waiting) {
      assertThat(Await.result(each).problem()).contains("in time");
    }
    // The clock stands still: within one second there is one.
    assertThat(server.asked).hasSize(1);
    assertThat(server.asked.get(0).body().getJsonObject("spec").getString("user"))
        .isEqualTo("scopegate-probe");
  }

  @Test
  void aKnownQuestionIsTheProbeAndItsAnswerClosesTheCircuit() {
    openByFiveFailures();
    server.answers(Fixtures.accepted("jane"));
    assertThat(Await.result(review(ReviewPriority.KNOWN, "known")).status()).isNotNull();
    assertThat(server.asked).hasSize(1);
    assertThat(api.reviewer().isDown()).isFalse();
    assertThat(observer.circuit).containsExactly(true, false);
  }

  @Test
  void whoWaitsIsAnsweredWhenTheServerIsBackInTime() {
    openByFiveFailures();
    server.answers(Fixtures.accepted("jane"));
    List<Future<ApiAnswer>> waiting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      waiting.add(review(ReviewPriority.UNKNOWN, "waits-" + i));
    }
    for (Future<ApiAnswer> each : waiting) {
      assertThat(Await.result(each).status()).isNotNull();
    }
  }

  @Test
  void aServerThatRefusesTheGatewayIsNotDown() {
    server.answers(403, "{}");
    for (int i = 0; i < 10; i++) {
      assertThat(Await.result(review(ReviewPriority.KNOWN, "t" + i)).problem())
          .contains("own credentials");
    }
    assertThat(observer.circuit).isEmpty();
  }

  @Test
  void aHangingServerOpensTheCircuitAfterThreeTimeouts() {
    reconnect(server.access(), clock, SHORT_TIMEOUT);
    server.hangs();
    for (int i = 0; i < 3 || observer.circuit.isEmpty(); i++) {
      assertThat(observer.circuit).isEmpty();
      assertThat(Await.result(review(ReviewPriority.KNOWN, "t" + i)).problem()).contains("in time");
    }
    assertThat(api.reviewer().isDown()).isTrue();
  }

  @Test
  void aRenewalThatHangsKeepsAKnownClientWaitingForAMomentOnly() throws Exception {
    TokenReviewAuthenticator authenticator =
        new TokenReviewAuthenticator(api, kubernetes(TIMEOUT), clock, observer);
    server.answers(Fixtures.accepted("jane"));
    Await.result(authenticator.authenticate("t"));
    server.hangs();
    clock.turn(Duration.ofMinutes(3));
    // The deadline of the review is far away, so only the end of patience can answer.
    Authentication answer = Await.result(authenticator.authenticate("t"));
    assertThat(answer.outcome()).isEqualTo(Outcome.AUTHENTICATED);
    assertThat(answer.proof().stale()).isTrue();
  }

  private static KubernetesConfig kubernetes(Duration timeout) {
    return Fixtures.kubernetes(List.of(), timeout);
  }

  /** Comes back until it is answered; fails when it is refused. */
  private final class Client {
    private final TokenReviewAuthenticator authenticator;
    private final SubjectAccessReviewAuthorizer authorizer;
    private final String token;
    private final Promise<Void> served = Promise.promise();

    Client(
        TokenReviewAuthenticator authenticator,
        SubjectAccessReviewAuthorizer authorizer,
        String token) {
      this.authenticator = authenticator;
      this.authorizer = authorizer;
      this.token = token;
    }

    Future<Void> start() {
      request();
      return served.future();
    }

    private void request() {
      authenticator
          .authenticate(token)
          .onSuccess(who -> {
            switch (who.outcome()) {
              case AUTHENTICATED -> authorize(who.user());
              case UNAUTHENTICATED -> served.tryFail("401: " + who.reason());
              case UNDECIDED -> vertx.setTimer(50, again -> request());
            }
          });
    }

    private void authorize(User user) {
      authorizer
          .authorize(user, Fixtures.WRITE_PAYMENTS)
          .onSuccess(may -> {
            switch (may.decision()) {
              case ALLOW -> served.tryComplete();
              case DENY -> served.tryFail("403");
              case UNDECIDED -> vertx.setTimer(50, again -> request());
            }
          });
    }
  }

  @Test
  void aFrozenClusterThatThawsHasRefusedNobody() throws Exception {
    try (KubernetesStandIn cluster = KubernetesStandIn.start()) {
      ServiceAccount gateway = cluster.serviceAccount("scopegate", "gateway");
      cluster.bind(gateway.subject(), "system:auth-delegator");
      ServiceAccount ingest = cluster.serviceAccount("payments", "ingest");
      cluster.grant(ingest.subject(), Rule.writeTraces("payments"));
      Path kubeconfig =
          cluster.kubeconfig().withToken(directory.resolve("config"), cluster.token(gateway));
      InstantSource time = InstantSource.system();
      reconnect(ClusterAccess.of(kubeconfig, Map.of()), time, SHORT_TIMEOUT);
      TokenReviewAuthenticator authenticator =
          new TokenReviewAuthenticator(api, kubernetes(SHORT_TIMEOUT), time, observer);
      SubjectAccessReviewAuthorizer authorizer =
          new SubjectAccessReviewAuthorizer(api, Fixtures.decisions(), time, observer);

      // Given: it is frozen and nobody is known
      cluster.faults().everywhere(Fault.hang());
      List<Future<Void>> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        clients.add(new Client(authenticator, authorizer, cluster.token(ingest)).start());
      }
      assertThat(observer.opened.tryAcquire(20, TimeUnit.SECONDS)).isTrue();

      // When
      cluster.faults().clear();

      // Then
      Await.result(Future.all(clients));
      assertThat(observer.outcomes).doesNotContain(ReviewObserver.Outcome.NO);
      assertThat(api.reviewer().isDown()).isFalse();
    }
  }
}
