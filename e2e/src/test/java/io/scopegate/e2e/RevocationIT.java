package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.Surface;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Rights that end or begin act within a second, counted from the API server's answer, on the next
 * request and on streams in flight: fifty tries of each kind.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RevocationIT {
  private static final int TRIES = 50;
  private static final Duration BOUND = Duration.ofSeconds(1);
  private static final Duration LATEST = Duration.ofSeconds(20);
  private static final String TENANT = "showcase";
  private static final String SPACE = "revocation";
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1";

  private Cluster cluster;
  @AutoClose private TempoStandIn tempo;
  @AutoClose private GatewayRun gateway;
  @AutoClose private Rpc rpc;
  private Http http;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    tempo = TempoStandIn.start();
    rpc = new Rpc(cluster.ca());
    http = Http.one(cluster.ca());
    gateway = GatewayRun.of(cluster, Tempo.portsOf(tempo)).start("revocation");
    for (int i = 0; i < 3; i++) { // so that a search has messages left after its first
      tempo
          .store()
          .add(
              TENANT,
              Traces.batch(Traces.newId(), "checkout", "POST /cart", 1).getResourceSpansList());
    }
  }

  @BeforeEach
  void holdStreams() {
    tempo.received().clear();
    tempo.streaming().close();
  }

  @AfterEach
  void releaseStreams() {
    tempo.streaming().open();
  }

  @Test
  void deletedBindingActsWithinASecond() {
    List<Client> clients = clients("unbound", this::bound);
    revoke(
        clients,
        client -> cluster.delete(RBAC + "/clusterrolebindings/" + client.name),
        403,
        GrpcStatus.PERMISSION_DENIED);
  }

  @Test
  void changedRuleActsWithinASecond() {
    List<Client> clients =
        clients(
            "ruled",
            name -> {
              role(name, "get");
              bind(name, name);
              return cluster.token(SPACE, name);
            });
    revoke(clients, client -> role(client.name, "list"), 403, GrpcStatus.PERMISSION_DENIED);
  }

  @Test
  void deletedAccountActsWithinASecond() {
    List<Client> clients = clients("dismissed", this::bound);
    revoke(
        clients,
        client -> cluster.delete("/api/v1/namespaces/" + SPACE + "/serviceaccounts/" + client.name),
        401,
        GrpcStatus.UNAUTHENTICATED);
  }

  @Test
  void deletedPodActsWithinASecond() {
    List<Client> clients =
        clients(
            "evicted",
            name -> {
              bind(name, "traces-showcase-read");
              pod(name);
              return cluster.tokenOfPod(SPACE, name, name);
            });
    revoke(
        clients,
        client ->
            cluster.delete(
                "/api/v1/namespaces/" + SPACE + "/pods/" + client.name + "?gracePeriodSeconds=0"),
        401,
        GrpcStatus.UNAUTHENTICATED);
  }

  @Test
  void newGrantAllowsWithinASecond() {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < TRIES; i++) {
      String name = "granted-" + i;
      cluster.account(SPACE, name);
      clients.add(new Client(name, cluster.token(SPACE, name)));
    }
    clients.forEach(client -> assertThat(search(client)).isEqualTo(403));
    Latencies taken = new Latencies();
    for (Client client : clients) {
      bind(client.name, "traces-showcase-read");
      long since = System.nanoTime();
      Until.holds("the grant acts", LATEST, () -> search(client) == 200);
      taken.add(System.nanoTime() - since);
    }
    assertThat(taken.p99()).as("%s", taken).isLessThan(BOUND);
  }

  @Test
  void unrelatedChangesAskNothing() {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String name = "bystander-" + i;
      cluster.account(SPACE, name);
      clients.add(new Client(name, bound(name)));
    }
    Until.holds("all are let in", LATEST, () -> clients.stream().allMatch(c -> search(c) == 200));
    cluster.account("churn", "stranger");
    settle(clients);
    long asked = gateway.reviews("access");
    long answered = cluster.answered("subjectaccessreviews");

    AtomicInteger changes = new AtomicInteger();
    AtomicInteger requests = new AtomicInteger();
    try (Paced churn = new Paced()) {
      for (int writer = 0; writer < 4; writer++) {
        churn.each(
            Duration.ofMillis(40),
            () -> {
              change(changes.incrementAndGet());
              return true;
            });
      }
      churn.each(
          Duration.ofMillis(10),
          () -> {
            Client client = clients.get(requests.incrementAndGet() % clients.size());
            assertThat(search(client)).isEqualTo(200);
            return true;
          });
      Until.holds("1,000 changes", Duration.ofSeconds(60), () -> changes.get() >= 1_000);
    }

    assertThat(requests).hasValueGreaterThan(100);
    assertThat(gateway.reviews("access")).isEqualTo(asked);
    assertThat(cluster.answered("subjectaccessreviews")).isEqualTo(answered);
  }

  /** Answers that came soon after a change live for a second only: waits until they are renewed. */
  private void settle(List<Client> clients) {
    AtomicInteger quiet = new AtomicInteger();
    long[] before = {-1};
    Until.holds(
        "nothing is asked any more",
        LATEST,
        () -> {
          clients.forEach(this::search);
          long now = gateway.reviews("access");
          quiet.set(now == before[0] ? quiet.get() + 1 : 0);
          before[0] = now;
          Until.passed(Duration.ofMillis(100));
          return quiet.get() >= 30;
        });
  }

  // ---- revoking

  /** Fifty clients, each of which has made a request and has a stream under way. */
  private List<Client> clients(String kind, Maker maker) {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < TRIES; i++) {
      String name = kind + "-" + i;
      cluster.account(SPACE, name);
      clients.add(new Client(name, maker.token(name)));
    }
    for (Client client : clients) {
      Until.holds(client.name + " is let in", LATEST, () -> search(client) == 200);
      open(client);
    }
    Until.holds("all streams wait", LATEST, () -> tempo.streaming().waiting() == TRIES);
    tempo.streaming().release(TRIES);
    Until.holds(
        "all streams are under way",
        LATEST,
        () ->
            tempo.received().all().stream()
                    .filter(r -> r.surface() == Surface.QUERY_GRPC && r.messagesSent() == 1)
                    .count()
                == TRIES);
    return clients;
  }

  private void revoke(
      List<Client> clients, Revocation revocation, int status, GrpcStatus streamStatus) {
    Latencies requests = new Latencies();
    Latencies streams = new Latencies();
    for (Client client : clients) {
      assertThat(client.ended.getCount()).as("%s: %s", client.name, client.called).isEqualTo(1);
      revocation.of(client);
      long since = System.nanoTime();
      Until.holds("refused: " + client.name, LATEST, () -> search(client) != 200);
      requests.add(System.nanoTime() - since);
      client.awaitEnd();
      streams.add(client.endedAtNanos - since);
      assertThat(client.called).isIn(streamStatus, GrpcStatus.PERMISSION_DENIED);
      Until.holds("finally: " + client.name, LATEST, () -> search(client) == status);
    }
    assertThat(requests.p99()).as("requests: %s", requests).isLessThan(BOUND);
    assertThat(streams.p99()).as("streams: %s", streams).isLessThan(BOUND);
    // what is gone stays gone, whatever the API server's own caches still believe
    assertThat(clients).allSatisfy(client -> assertThat(search(client)).isEqualTo(status));
  }

  private void open(Client client) {
    rpc.start(
            gateway.ports().query(),
            SEARCH,
            SearchRequest.getDefaultInstance(),
            "authorization",
            "Bearer " + client.token,
            "x-scope-orgid",
            TENANT)
        .onComplete(done -> client.end(done.succeeded() ? done.result().status() : null));
  }

  private int search(Client client) {
    return http.get(
            gateway.query("/api/search"),
            "authorization",
            "Bearer " + client.token,
            "x-scope-orgid",
            TENANT)
        .status();
  }

  // ---- objects

  private String bound(String name) {
    bind(name, "traces-showcase-read");
    return cluster.token(SPACE, name);
  }

  private void bind(String account, String role) {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %1$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %2$s}
        subjects: [{kind: ServiceAccount, name: %1$s, namespace: %3$s}]
        """
            .formatted(account, role, SPACE));
  }

  private void role(String name, String verb) {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: %1$s}
        rules:
          - {apiGroups: [tempo.grafana.com], resources: [%2$s], resourceNames: [traces], verbs: [%3$s]}
        """
            .formatted(name, TENANT, verb));
  }

  private void pod(String name) {
    cluster.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s, namespace: %2$s}
        spec:
          serviceAccountName: %1$s
          automountServiceAccountToken: false
          containers: [{name: app, image: app}]
        """
            .formatted(name, SPACE));
  }

  /** One of five kinds of object that concern nobody who is served. */
  private void change(int n) {
    String metadata = "metadata: {name: churn-%d, labels: {n: \"%d\"}}\n".formatted(n % 20, n);
    String inSpace = metadata.replace("labels", "namespace: churn, labels");
    String rules =
        "rules: [{apiGroups: [tempo.grafana.com], resources: [other-%d], verbs: [get]}]\n"
            .formatted(n);
    String bound =
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: churn-%d}\n"
                .formatted(n % 20)
            + "subjects: [{kind: ServiceAccount, name: stranger-%d, namespace: churn}]\n"
                .formatted(n);
    String rbac = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ";
    switch (n % 5) {
      case 0 -> cluster.apply(rbac + "ClusterRole\n" + metadata + rules);
      case 1 -> cluster.apply(rbac + "ClusterRoleBinding\n" + metadata + bound);
      case 2 -> cluster.apply("apiVersion: v1\nkind: ServiceAccount\n" + inSpace);
      case 3 -> cluster.apply(rbac + "Role\n" + inSpace + rules);
      default -> cluster.apply(rbac + "RoleBinding\n" + inSpace + bound);
    }
  }

  /** Takes something away. */
  private interface Revocation {
    void of(Client client);
  }

  /** Makes an account's rights and its token. */
  private interface Maker {
    String token(String account);
  }

  /** An account with a token, and its stream. */
  private static final class Client {
    private final String name;
    private final String token;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile long endedAtNanos;
    private volatile GrpcStatus called;

    Client(String name, String token) {
      this.name = name;
      this.token = token;
    }

    void end(GrpcStatus status) {
      endedAtNanos = System.nanoTime();
      called = status;
      ended.countDown();
    }

    void awaitEnd() {
      try {
        assertThat(ended.await(LATEST.toSeconds(), TimeUnit.SECONDS)).as(name).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }
}
