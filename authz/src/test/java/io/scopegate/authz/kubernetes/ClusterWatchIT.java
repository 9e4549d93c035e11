package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.ClusterChanges;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.RightsChange;
import io.scopegate.authz.decision.SubjectAccessReviewAuthorizer;
import io.scopegate.authz.decision.TokenReviewAuthenticator;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.Fault;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.scopegate.testkit.kubernetes.Resource;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.kubernetes.Subject;
import io.scopegate.testkit.kubernetes.TokenSpec;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes in a cluster act on cached answers at once. */
final class ClusterWatchIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int KINDS = 6;

  @TempDir private Path directory;
  private final InstantSource clock = InstantSource.system();
  private final WatchSignals signals = new WatchSignals();
  private Vertx vertx;
  private KubernetesStandIn cluster;
  private KubernetesApi api;
  private TokenReviewAuthenticator authenticator;
  private SubjectAccessReviewAuthorizer authorizer;
  private ServiceAccount gateway;
  private ServiceAccount ingest;

  /** Has had its right for so long that no answer about it lags. */
  private ServiceAccount steady;

  private String token;

  /** One permit for each thing that was told. */
  private static final class WatchSignals implements ReviewObserver {
    final Semaphore followed = new Semaphore(0);
    final Semaphore lost = new Semaphore(0);
    final Semaphore changed = new Semaphore(0);
    final Semaphore ended = new Semaphore(0);

    @Override
    public void followed(String resource, boolean now) {
      (now ? followed : lost).release();
    }

    @Override
    public void changed(String resource) {
      changed.release();
    }

    @Override
    public void ended(int answers) {
      ended.release(answers);
    }
  }

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    cluster = KubernetesStandIn.start();
    gateway = cluster.serviceAccount("scopegate", "gateway");
    cluster.bind(gateway.subject(), "system:auth-delegator");
    cluster.grantWatching(gateway.subject());
    ingest = cluster.serviceAccount("payments", "ingest");
    token = cluster.token(ingest);
    steady = cluster.serviceAccount("payments", "steady");
    granted(steady.subject());
    connect(cluster.token(gateway));
    await(signals.followed, KINDS);
  }

  /** Whether the next handler that hears of a first list dies. */
  private final AtomicBoolean dies = new AtomicBoolean();

  private void connect(String own) {
    Path kubeconfig = cluster.kubeconfig().withToken(directory.resolve("config"), own);
    api =
        Await.result(
            KubernetesApi.connect(
                vertx,
                ClusterAccess.of(kubeconfig, Map.of()),
                Fixtures.reviews(TIMEOUT),
                clock,
                signals));
    authenticator =
        new TokenReviewAuthenticator(api, Fixtures.kubernetes(List.of(), TIMEOUT), clock, signals);
    authorizer = new SubjectAccessReviewAuthorizer(api, Fixtures.decisions(), clock, signals);
    api.watch(false, new Told(authenticator, authorizer, dies));
  }

  private record Told(
      TokenReviewAuthenticator authenticator,
      SubjectAccessReviewAuthorizer authorizer,
      AtomicBoolean dies)
      implements ClusterChanges {
    @Override
    public void rightsChanged(RightsChange change) {
      authorizer.rightsChanged(change);
    }

    @Override
    public void gone(String uid) {
      authenticator.gone(uid);
    }

    @Override
    public void rightsFollowed() {
      authorizer.rightsFollowed();
    }

    @Override
    public void accountsFollowed() {
      authenticator.accountsFollowed();
      if (dies.getAndSet(false)) {
        throw new StackOverflowError("told to");
      }
    }
  }

  @AfterEach
  void stop() {
    Await.result(api.close());
    cluster.close();
    Await.result(vertx.close());
  }

  private static void await(Semaphore permits, int count) throws InterruptedException {
    assertThat(permits.tryAcquire(count, 20, TimeUnit.SECONDS)).isTrue();
  }

  private Authentication who() {
    return Await.result(authenticator.authenticate(token));
  }

  private Decision may() {
    return Await.result(authorizer.authorize(who().user(), Fixtures.WRITE_PAYMENTS)).decision();
  }

  private KubernetesStandIn.Grant granted(Subject subject) {
    return cluster.grant(subject, Rule.writeTraces("payments"));
  }

  @Test
  void aDeletedBindingRefuses() throws Exception {
    KubernetesStandIn.Grant grant = granted(ingest.subject());
    assertThat(may()).isEqualTo(Decision.ALLOW);
    grant.revoke();
    await(signals.ended, 1);
    assertThat(may()).isEqualTo(Decision.DENY);
  }

  @Test
  void aNewBindingAllows() throws Exception {
    assertThat(may()).isEqualTo(Decision.DENY);
    granted(ingest.subject());
    await(signals.ended, 1);
    assertThat(may()).isEqualTo(Decision.ALLOW);
  }

  @Test
  void aBindingOfAGroupActsOnItsMembers() throws Exception {
    assertThat(may()).isEqualTo(Decision.DENY);
    KubernetesStandIn.Grant grant = granted(Subject.group("system:serviceaccounts:payments"));
    await(signals.ended, 1);
    assertThat(may()).isEqualTo(Decision.ALLOW);
    grant.revoke();
    await(signals.ended, 1);
    assertThat(may()).isEqualTo(Decision.DENY);
  }

  @Test
  void aDeletedServiceAccountIsNobody() throws Exception {
    assertThat(who().outcome()).isEqualTo(Outcome.AUTHENTICATED);
    cluster.freezeReviews(); // as an API server that remembers its answer of a moment ago
    cluster.delete(ingest);
    await(signals.ended, 1);
    assertThat(who().outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(cluster.requests().of(RequestKind.TOKEN_REVIEW)).isEqualTo(1);
  }

  @Test
  void aTokenEndsWithThePodItIsBoundTo() throws Exception {
    cluster.pod(ingest, "collector");
    token = cluster.token(ingest, TokenSpec.defaults().boundToPod("collector"));
    assertThat(who().outcome()).isEqualTo(Outcome.AUTHENTICATED);
    cluster.delete(Resource.PODS, "payments", "collector");
    await(signals.ended, 1);
    assertThat(who().outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
  }

  @Test
  void changedRulesOfARoleActOnWhoeverIsBoundToIt() throws Exception {
    role("create");
    cluster.bind(ingest.subject(), "writer");
    assertThat(may()).isEqualTo(Decision.ALLOW);
    role("get");
    await(signals.ended, 1);
    assertThat(may()).isEqualTo(Decision.DENY);
  }

  private void role(String verb) {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: writer}
        rules: [{apiGroups: [tempo.grafana.com], resources: [payments], verbs: [%s]}]
        """
            .formatted(verb));
  }

  @Test
  void aPartOfAnAggregatedRoleActsOnWhoeverIsBoundToTheWhole() throws Exception {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: whole}
        aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: "yes"}}]}
        rules: []
        """);
    cluster.bind(ingest.subject(), "whole");
    assertThat(may()).isEqualTo(Decision.DENY);
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: part, labels: {part: "yes"}}
        rules: [{apiGroups: [tempo.grafana.com], resources: [payments], verbs: [create]}]
        """);
    await(signals.ended, 1);
    assertThat(may()).isEqualTo(Decision.ALLOW);
  }

  @Test
  void unrelatedChangesCostNoReview() throws Exception {
    token = cluster.token(steady);
    assertThat(may()).isEqualTo(Decision.ALLOW);
    signals.changed.drainPermits();
    int asked = cluster.requests().of(RequestKind.SUBJECT_ACCESS_REVIEW);
    for (int i = 0; i < 100; i++) {
      granted(Subject.serviceAccount("elsewhere", "other" + i)).revoke();
    }
    await(signals.changed, 400);
    assertThat(may()).isEqualTo(Decision.ALLOW);
    assertThat(cluster.requests().of(RequestKind.SUBJECT_ACCESS_REVIEW)).isEqualTo(asked);
    assertThat(signals.ended.availablePermits()).isZero();
  }

  @Test
  void anAnswerThatLagsBehindAChangeDoesNotLast() throws Exception {
    KubernetesStandIn.Grant grant = granted(ingest.subject());
    assertThat(may()).isEqualTo(Decision.ALLOW);
    cluster.freezeReviews();
    grant.revoke();
    await(signals.ended, 1);
    Authorization lagging =
        Await.result(authorizer.authorize(who().user(), Fixtures.WRITE_PAYMENTS));
    assertThat(lagging.decision()).isEqualTo(Decision.ALLOW);
    assertThat(lagging.validUntilMillis()).isLessThanOrEqualTo(clock.millis() + 1_000);
    cluster.thawReviews();
    assertThat(eventually(Decision.DENY)).isTrue();
  }

  private boolean eventually(Decision wanted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() - end < 0) {
      if (may() == wanted) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  @Test
  void hearsOfWhatChangedWhileItsWatchesWereDown() throws Exception {
    KubernetesStandIn.Grant grant = granted(ingest.subject());
    assertThat(may()).isEqualTo(Decision.ALLOW);
    cluster.faults().always(RequestKind.WATCH, Fault.status(500));
    cluster.dropWatches();
    await(signals.lost, KINDS);
    grant.revoke();
    cluster.faults().clear();
    await(signals.ended, 1);
    assertThat(may()).isEqualTo(Decision.DENY);
  }

  @Test
  void comparesAnewWhenTheServerHasForgottenThePlace() throws Exception {
    KubernetesStandIn.Grant grant = granted(ingest.subject());
    cluster.pod(ingest, "collector");
    // More than one part of a list holds.
    for (int i = 0; i < 600; i++) {
      cluster.pod(ingest, "other-" + i);
    }
    String lasting = cluster.token(ingest, TokenSpec.defaults().boundToPod("other-599"));
    Authentication kept = Await.result(authenticator.authenticate(lasting));
    token = cluster.token(ingest, TokenSpec.defaults().boundToPod("collector"));
    assertThat(may()).isEqualTo(Decision.ALLOW);
    cluster.faults().always(RequestKind.WATCH, Fault.status(503));
    cluster.dropWatches();
    await(signals.lost, KINDS);
    grant.revoke();
    cluster.delete(Resource.PODS, "payments", "collector");
    cluster.compact();
    cluster.faults().clear();
    await(signals.ended, 2);
    assertThat(who().outcome()).isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(authenticator.cached(lasting)).isEqualTo(kept);
    assertThat(cluster.requests().latest()).anyMatch(line -> line.contains("&continue="));
    token = cluster.token(ingest);
    assertThat(may()).isEqualTo(Decision.DENY);
  }

  @Test
  void aWatchWhoseHandlerDiedGoesOn() throws Exception {
    Await.result(api.close());
    signals.lost.drainPermits();
    signals.followed.drainPermits();
    dies.set(true);
    connect(cluster.token(gateway));
    await(signals.followed, KINDS);
    assertThat(dies).isFalse();
    assertThat(who().outcome()).isEqualTo(Outcome.AUTHENTICATED);
  }

  @Test
  void decidesAllTheSameWithoutTheRightToWatch() throws Exception {
    Await.result(api.close());
    ServiceAccount blind = cluster.serviceAccount("scopegate", "blind");
    cluster.bind(blind.subject(), "system:auth-delegator");
    granted(ingest.subject());
    signals.lost.drainPermits();
    connect(cluster.token(blind));
    await(signals.lost, KINDS);
    assertThat(may()).isEqualTo(Decision.ALLOW);
    assertThat(cluster.requests().latest()).anyMatch(line -> line.contains("/pods?limit="));
  }
}
