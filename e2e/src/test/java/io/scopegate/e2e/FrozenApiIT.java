package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The API server hangs or is down for long: a collector loses nothing, and whoever is known notices
 * nothing. The long outage takes an eighth of its time, as do the times that answers are kept,
 * unless {@code SCOPEGATE_E2E_LONG} is {@code true}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FrozenApiIT {
  private static final boolean LONG = "true".equals(System.getenv("SCOPEGATE_E2E_LONG"));
  private static final Duration FREEZE = Duration.ofSeconds(15);
  private static final Duration SENDING = Duration.ofSeconds(30);
  private static final Duration EVERY = Duration.ofMillis(10);
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final Duration DOWN = Duration.ofSeconds(LONG ? 240 : 30);
  private static final int CLIENTS = 10;

  private Cluster cluster;
  @AutoClose private Rpc rpc;
  private Http http;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    rpc = new Rpc(cluster.ca());
    http = Http.one(cluster.ca());
  }

  /**
   * A hundred traces a second for thirty seconds, of which the API server is frozen for fifteen.
   */
  @Test
  void everySpanArrivesAlthoughAColdGatewayCannotAsk() {
    try (TempoStandIn tempo = TempoStandIn.start();
        GatewayRun gateway = GatewayRun.of(cluster, Tempo.portsOf(tempo)).start("cold");
        Collector collector =
            Collector.start(cluster, gateway, "showcase", cluster.token("showcase", "ingest"))) {
      List<String> ids = Collections.synchronizedList(new ArrayList<>());
      long end = System.nanoTime() + SENDING.toNanos();
      cluster.api().freeze();
      try {
        Paced sending =
            new Paced().each(EVERY, () -> System.nanoTime() - end < 0 && send(collector, ids));
        Until.passed(FREEZE);
        assertThat(tempo.received().count()).isZero();
        cluster.api().thaw();
        sending.await();
      } finally {
        cluster.api().thaw();
      }
      assertThat(ids).hasSizeGreaterThan(2_000);
      Until.holds(
          "every trace has arrived",
          ARRIVES,
          () -> ids.stream().noneMatch(id -> tempo.store().trace("showcase", id).isEmpty()));
      assertThat(collector.hasDroppedSpans()).isFalse();
    }
  }

  private boolean send(Collector collector, List<String> ids) {
    String id = Traces.newId();
    int port = ids.size() % 2 == 0 ? collector.toGrpc() : collector.toHttp();
    Rpc.Called called =
        rpc.callInClearText(port, Collector.EXPORT, Traces.batch(id, "checkout", "POST /cart", 1));
    assertThat(called.status()).isEqualTo(GrpcStatus.OK);
    ids.add(id);
    return true;
  }

  /** Ten clients with five requests a second each, through all of an outage of four minutes. */
  @Test
  void nobodyWhoIsKnownNoticesALongOutage() throws Exception {
    try (TempoStandIn tempo = TempoStandIn.start();
        ApiPassage api = new ApiPassage(cluster.port());
        GatewayRun gateway =
            keepingShorter(GatewayRun.of(cluster, Tempo.portsOf(tempo)))
                .kubeconfig(cluster.kubeconfigBy(api.port()))
                .start("down")) {
      List<byte[]> requests = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        String token = cluster.token("showcase", "query");
        requests.add(KeptAlive.search(token, "showcase"));
        assertThat(search(gateway, token).status()).isEqualTo(200);
      }
      AtomicInteger served = new AtomicInteger();
      String stranger = cluster.token("showcase", "query");
      api.cut();
      try (Paced clients = new Paced()) {
        for (byte[] request : requests) {
          clients.each(Duration.ofMillis(200), () -> served(gateway, request, served));
        }
        Until.passed(DOWN);
        assertThat(search(gateway, stranger).status()).isEqualTo(503);
        api.restore();
        Until.holds("unknown are served", ARRIVES, () -> search(gateway, stranger).status() == 200);
      }
      assertThat(served).hasValueGreaterThan((int) DOWN.toSeconds() * CLIENTS * 5 / 2);
    }
  }

  /** Every time anew, so that nothing is remembered for a connection. */
  private static boolean served(GatewayRun gateway, byte[] request, AtomicInteger served)
      throws Exception {
    try (KeptAlive client = KeptAlive.connect(gateway.ports().query())) {
      assertThat(client.status(request)).isEqualTo(200);
      served.incrementAndGet();
      return true;
    }
  }

  private static GatewayRun.Setup keepingShorter(GatewayRun.Setup setup) {
    return LONG
        ? setup
        : setup
            .kubernetes(
                "tokenCache: {ttl: 15s, rejectedTtl: 1s, staleIfError: 38s, maxEntries: 20000}")
            .add(
                """
                authorization:
                  decisionCache: {allowedTtl: 38s, deniedTtl: 4s, staleIfError: 38s, maxEntries: 50000}
                """);
  }

  private Http.Reply search(GatewayRun gateway, String token) {
    return http.get(
        gateway.query("/api/search"),
        "authorization",
        "Bearer " + token,
        "x-scope-orgid",
        "showcase");
  }
}
