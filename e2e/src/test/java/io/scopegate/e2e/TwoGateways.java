package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Percentage;

/** Two gateways that share one limit of queries, and clients that send five times as many. */
final class TwoGateways implements AutoCloseable {
  /** Queries a second that a tenant may send to both together. */
  static final int PER_SECOND = 200;

  private static final Duration MEASURED = Duration.ofSeconds(15);
  private static final Duration SETTLES = Duration.ofSeconds(3);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Percentage TENTH = Percentage.withPercentage(10);

  /** Of each gateway, so that together they want five times the limit. */
  private static final Duration EVERY = Duration.ofMillis(2);

  private final Cluster cluster = Cluster.shared();
  private final List<GatewayRun> gateways;
  private final byte[] search;
  private final AtomicLong passed = new AtomicLong();

  /**
   * Starts them.
   *
   * @param store the value of {@code limits.store}
   */
  TwoGateways(TempoStandIn tempo, String name, String store) {
    gateways =
        List.of(gateway(tempo, name + "-one", store), gateway(tempo, name + "-other", store));
    search = KeptAlive.search(cluster.token("showcase", "query"), "showcase");
  }

  private GatewayRun gateway(TempoStandIn tempo, String name, String store) {
    return GatewayRun.of(cluster, Tempo.portsOf(tempo))
        .add("limits: {defaults: {queriesPerSecond: " + PER_SECOND + "}, store: " + store + "}")
        .start(name);
  }

  /** A client over the limit gets 429; any other answer fails the test when this is closed. */
  Paced flood() throws IOException {
    Paced flood = new Paced();
    for (GatewayRun gateway : gateways) {
      KeptAlive client = KeptAlive.connect(gateway.ports().query());
      flood.each(
          EVERY,
          () -> {
            int status = client.status(search);
            assertThat(status).isIn(200, 429);
            if (status == 200) {
              passed.incrementAndGet();
            }
            return true;
          });
    }
    return flood;
  }

  /** What passes both is the limit, within a tenth. */
  void holdTheLimit(String when) {
    bothAre(1);
    Until.passed(SETTLES);
    assertThat(rate(MEASURED)).as(when).isCloseTo(PER_SECOND, TENTH);
  }

  /** What passes both while the store is away is at most twice the limit, and not nothing. */
  void staySafe(String when, Duration duration) {
    assertThat(rate(duration)).as(when).isBetween(PER_SECOND * 0.5, PER_SECOND * 2.0);
  }

  private double rate(Duration measured) {
    long before = passed.get();
    long since = System.nanoTime();
    Until.passed(measured);
    return (passed.get() - before) * 1e9 / (System.nanoTime() - since);
  }

  /** Waits until both use the store (1) or go on without it (0). */
  void bothAre(int up) {
    Http http = Http.one(cluster.ca());
    for (GatewayRun gateway : gateways) {
      Until.holds(
          "the store is " + up,
          SOON,
          () -> {
            String page = http.get(gateway.admin("/metrics")).text();
            return page.contains("\nscopegate_limit_store_up " + up + ".0\n")
                && (up == 0 || page.contains("\nscopegate_limit_store_replicas 2.0\n"));
          });
    }
  }

  /** The log says what happened to the store, without its passwords. */
  void logWithout(String... secrets) {
    for (GatewayRun gateway : gateways) {
      assertThat(gateway.process().output()).contains("limits.store: ").doesNotContain(secrets);
    }
  }

  @Override
  public void close() {
    gateways.forEach(GatewayRun::close);
  }
}
