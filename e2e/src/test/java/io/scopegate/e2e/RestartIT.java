package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A gateway starts anew, and all its clients come at once. */
class RestartIT {
  private static final int TENANTS = 20;
  private static final int CLIENTS = 1_000;
  private static final int CONNECTIONS = 50;

  /** The budget's defaults. */
  private static final int BURST = 400;

  private static final int PER_SECOND = 200;
  private static final Duration RETRY = Duration.ofSeconds(1);

  @Test
  void everyTokenAndEveryQuestionIsAskedAboutOnce() throws Exception {
    Cluster cluster = Cluster.shared();
    List<Client> clients = clients(cluster);
    try (TempoStandIn tempo = TempoStandIn.start();
        GatewayRun gateway = GatewayRun.of(cluster, Tempo.portsOf(tempo)).start("restart")) {
      long tokens = gateway.reviews("token");
      long questions = gateway.reviews("access");
      long since = System.nanoTime();
      Map<Integer, Integer> answers = new ConcurrentHashMap<>();
      ConcurrentLinkedQueue<Client> waiting = new ConcurrentLinkedQueue<>(clients);
      AtomicInteger served = new AtomicInteger();
      Paced all = new Paced();
      for (int i = 0; i < CONNECTIONS; i++) {
        KeptAlive connection = KeptAlive.connect(gateway.ports().query());
        all.each(
            Duration.ofNanos(1),
            () -> {
              Client client = waiting.poll();
              if (client == null) {
                return served.get() < CLIENTS;
              }
              int status = connection.status(KeptAlive.search(client.token, client.tenant));
              answers.merge(status, 1, Integer::sum);
              if (status == 200) {
                served.incrementAndGet();
              } else {
                Until.passed(RETRY);
                waiting.add(client);
              }
              return true;
            });
      }
      all.await();
      long elapsedSeconds = (System.nanoTime() - since) / 1_000_000_000;
      assertThat(answers.keySet()).as("%s", answers).isSubsetOf(200, 503);
      long tokenReviews = gateway.reviews("token") - tokens;
      long accessReviews = gateway.reviews("access") - questions;
      assertThat(tokenReviews).isLessThanOrEqualTo(CLIENTS);
      assertThat(accessReviews).isLessThanOrEqualTo(TENANTS);
      assertThat(tokenReviews + accessReviews)
          .isLessThanOrEqualTo(BURST + PER_SECOND * (elapsedSeconds + 1));
    }
  }

  private static List<Client> clients(Cluster cluster) {
    List<Client> clients = Collections.synchronizedList(new ArrayList<>());
    Paced makers = new Paced();
    AtomicInteger next = new AtomicInteger();
    for (int i = 0; i < TENANTS; i++) {
      tenant(cluster, "restart-" + i);
    }
    for (int i = 0; i < 8; i++) {
      makers.each(
          Duration.ofNanos(1),
          () -> {
            int n = next.getAndIncrement();
            String tenant = "restart-" + n % TENANTS;
            return n < CLIENTS && clients.add(new Client(tenant, cluster.token("restart", tenant)));
          });
    }
    makers.await();
    return clients;
  }

  private static void tenant(Cluster cluster, String name) {
    cluster.account("restart", name);
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: %1$s}
        rules:
          - {apiGroups: [tempo.grafana.com], resources: [%1$s], resourceNames: [traces], verbs: [get]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %1$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %1$s}
        subjects: [{kind: ServiceAccount, name: %1$s, namespace: restart}]
        """
            .formatted(name));
  }

  /**
   * Somebody with a token.
   *
   * @param tenant whose traces it reads
   */
  private record Client(String tenant, String token) {
    @Override
    public String toString() {
      return tenant;
    }
  }
}
