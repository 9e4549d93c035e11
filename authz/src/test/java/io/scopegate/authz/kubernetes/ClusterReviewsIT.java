package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.Authentication.Outcome;
import io.scopegate.authz.Authorization.Decision;
import io.scopegate.authz.Fixtures;
import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.decision.CountingObserver;
import io.scopegate.authz.decision.SubjectAccessReviewAuthorizer;
import io.scopegate.authz.decision.TokenReviewAuthenticator;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.RequestKind;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both reviews over TLS against a stand-in that signs tokens and evaluates RBAC. */
final class ClusterReviewsIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final String REVIEWER = "system:auth-delegator";

  @TempDir private Path directory;
  private final InstantSource clock = InstantSource.system();
  private final CountingObserver observer = new CountingObserver();
  private Vertx vertx;
  private KubernetesStandIn cluster;
  private KubernetesApi api;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    cluster = KubernetesStandIn.start();
  }

  @AfterEach
  void stop() {
    if (api != null) {
      Await.result(api.close());
    }
    cluster.close();
    Await.result(vertx.close());
  }

  private ServiceAccount reviewer(String name) {
    ServiceAccount account = cluster.serviceAccount("scopegate", name);
    cluster.bind(account.subject(), REVIEWER);
    return account;
  }

  private void connect(Path kubeconfig) {
    ClusterAccess access = ClusterAccess.of(kubeconfig, Map.of());
    api =
        Await.result(
            KubernetesApi.connect(vertx, access, Fixtures.reviews(TIMEOUT), clock, observer));
  }

  private TokenReviewAuthenticator authenticator() {
    return new TokenReviewAuthenticator(
        api, Fixtures.kubernetes(List.of(), TIMEOUT), clock, observer);
  }

  @Test
  void reviewsARealTokenAndARight() {
    ServiceAccount gateway = reviewer("gateway");
    connect(cluster.kubeconfig().withToken(directory.resolve("config"), cluster.token(gateway)));
    ServiceAccount ingest = cluster.serviceAccount("payments", "ingest");
    cluster.grant(ingest.subject(), Rule.writeTraces("payments"));

    Authentication who = Await.result(authenticator().authenticate(cluster.token(ingest)));
    assertThat(who.user().name()).isEqualTo("system:serviceaccount:payments:ingest");
    assertThat(who.user().groups()).contains("system:serviceaccounts:payments");
    assertThat(who.user().extra()).doesNotContainKey("authentication.kubernetes.io/credential-id");

    SubjectAccessReviewAuthorizer authorizer =
        new SubjectAccessReviewAuthorizer(api, Fixtures.decisions(), clock, observer);
    assertThat(Await.result(authorizer.authorize(who.user(), Fixtures.WRITE_PAYMENTS)).decision())
        .isEqualTo(Decision.ALLOW);
    ResourceAttributes read =
        new ResourceAttributes("get", "tempo.grafana.com", "", "payments", "", "traces", "");
    assertThat(Await.result(authorizer.authorize(who.user(), read)).decision())
        .isEqualTo(Decision.DENY);
    assertThat(Await.result(authenticator().authenticate("not.a.token")).outcome())
        .isEqualTo(Outcome.UNAUTHENTICATED);
    assertThat(cluster.requests().of(RequestKind.TOKEN_REVIEW)).isEqualTo(2);
  }

  @Test
  void provesItselfWithAClientCertificate() {
    TestCa.Issued certificate = cluster.ca().client("gateway", "system:masters");
    connect(cluster.kubeconfig().withCertificate(directory.resolve("config"), certificate));
    assertThat(Await.result(api.probe())).isEmpty();
  }

  @Test
  void followsARotatedTokenFile() throws Exception {
    ServiceAccount old = reviewer("old");
    Path token = Files.writeString(directory.resolve("token"), cluster.token(old));
    connect(cluster.kubeconfig().withTokenFile(directory.resolve("config"), token));
    assertThat(Await.result(api.probe())).isEmpty();

    Files.writeString(token, cluster.token(reviewer("new")));
    cluster.delete(old);
    // The first refusal makes it read the file again.
    String problem = Await.result(api.probe());
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (!problem.isEmpty() && System.nanoTime() - end < 0) {
      problem = Await.result(api.probe());
    }
    assertThat(problem).isEmpty();
    assertThat(observer.reconnected).hasValue(0);
  }

  @Test
  void saysWhenItMayNotReview() {
    ServiceAccount nobody = cluster.serviceAccount("scopegate", "nobody");
    connect(cluster.kubeconfig().withToken(directory.resolve("config"), cluster.token(nobody)));
    assertThat(Await.result(api.probe())).contains("own credentials");
  }

  @Test
  void talksToNobodyWhomTheClustersAuthorityDoesNotName() throws Exception {
    String token = cluster.token(reviewer("gateway"));
    Path file = cluster.kubeconfig().withToken(directory.resolve("config"), token);
    Cluster read = ClusterAccess.of(file, Map.of()).read();
    Cluster other = new Cluster(read.server(), TestCa.create().pem(), false, null, read.token());
    Cluster publicOnly = new Cluster(read.server(), null, false, null, read.token());
    Cluster any = new Cluster(read.server(), null, true, null, read.token());

    for (Cluster wrong : List.of(other, publicOnly)) {
      KubernetesApi refused = connect(wrong);
      assertThat(Await.result(refused.probe())).contains("could not be reached");
      Await.result(refused.close());
    }
    assertThat(cluster.requests().of(RequestKind.TOKEN_REVIEW)).isZero();
    api = connect(any);
    assertThat(Await.result(api.probe())).isEmpty();
  }

  private KubernetesApi connect(Cluster to) {
    return Await.result(
        KubernetesApi.connect(vertx, () -> to, Fixtures.reviews(TIMEOUT), clock, observer));
  }
}
