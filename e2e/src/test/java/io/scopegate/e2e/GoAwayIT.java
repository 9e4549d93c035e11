package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * An API server that ends one connection in fifty requests by GOAWAY, as those of clouds do: no
 * request fails because of it. Ten seconds, or two minutes when {@code SCOPEGATE_E2E_LONG} is
 * {@code true}. Answers are kept for a tenth of a second and never past their time, so nearly each
 * request is reviewed.
 */
class GoAwayIT {
  private static final boolean LONG = "true".equals(System.getenv("SCOPEGATE_E2E_LONG"));
  private static final Duration RUNS = Duration.ofSeconds(LONG ? 120 : 10);
  private static final int CLIENTS = 10;
  private static final Duration EVERY = Duration.ofMillis(200);

  /** With fewer it might be that no connection was ended. */
  private static final int REVIEWS = 300;

  @Test
  void noRequestFailsBecauseTheApiServerEndsConnections() throws Exception {
    Cluster cluster = Cluster.shared();
    int port = FreePorts.next();
    Part parting = cluster.parting(port, "0.02");
    try (TempoStandIn tempo = TempoStandIn.start();
        GatewayRun gateway =
            GatewayRun.of(cluster, Tempo.portsOf(tempo))
                .kubernetes(
                    "tokenCache: {ttl: 100ms, rejectedTtl: 1s, staleIfError: 0s, maxEntries: 20000}")
                .add(
                    """
                    authorization:
                      decisionCache: {allowedTtl: 100ms, deniedTtl: 1s, staleIfError: 0s, maxEntries: 50000}
                    """)
                .kubeconfig(cluster.kubeconfigBy(port))
                .start("parting")) {
      List<byte[]> requests = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        requests.add(KeptAlive.search(cluster.token("showcase", "query"), "showcase"));
      }
      AtomicInteger served = new AtomicInteger();
      long before = reviews(gateway);
      long end = System.nanoTime() + RUNS.toNanos();
      try (Paced clients = new Paced()) {
        for (byte[] request : requests) {
          clients.each(
              EVERY, () -> System.nanoTime() - end < 0 && served(gateway, request, served));
        }
        clients.await();
      }
      assertThat(reviews(gateway) - before).isGreaterThan(REVIEWS);
      assertThat(served).hasValueGreaterThan((int) RUNS.toSeconds() * CLIENTS * 5 / 2);
    } finally {
      parting.close();
    }
  }

  private static long reviews(GatewayRun gateway) {
    return gateway.reviews("token") + gateway.reviews("access");
  }

  /** A new connection each time, since decisions are remembered for a connection. */
  private static boolean served(GatewayRun gateway, byte[] request, AtomicInteger served)
      throws Exception {
    try (KeptAlive client = KeptAlive.connect(gateway.ports().query())) {
      assertThat(client.status(request)).isEqualTo(200);
      served.incrementAndGet();
      return true;
    }
  }
}
