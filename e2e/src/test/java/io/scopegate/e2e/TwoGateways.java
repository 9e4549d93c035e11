package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Percentage;

/**
 * Two gateways that share one limit of queries, clients of a tenant that send five times as many,
 * and those of another tenant that is far below its limits.
 */
final class TwoGateways implements AutoCloseable {
  /** Queries a second that a tenant may send to both together. */
  static final int PER_SECOND = 200;

  private static final Duration MEASURED = Duration.ofSeconds(12);
  private static final Duration SETTLES = Duration.ofSeconds(3);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Percentage TENTH = Percentage.withPercentage(10);

  /** Of each gateway: one that waits for an answer is not all that it gets. */
  private static final int CLIENTS = 4;

  /** Of each client, so that together they want five times the limit. */
  private static final Duration EVERY = Duration.ofMillis(8);

  private static final String MANY = "showcase";
  private static final String FEW = "payments";

  /** So many are far above what the other tenant wants. */
  private static final int PLENTY = 2_000;

  private final Cluster cluster = Cluster.shared();
  private final TempoStandIn tempo;
  private final List<GatewayRun> gateways;
  private final byte[] search;
  private final AtomicLong passed = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  /**
   * Starts them.
   *
   * @param store the value of {@code limits.store}
   */
  TwoGateways(TempoStandIn tempo, String name, String store) {
    this.tempo = tempo;
    String limits =
        "limits: {defaults: {queriesPerSecond: %d}, tenants: {%s: {queriesPerSecond: %d, spansPerSecond: %d}}, store: %s}"
            .formatted(PER_SECOND, FEW, PLENTY, PLENTY, store);
    gateways = List.of(gateway(name + "-one", limits), gateway(name + "-other", limits));
    search = KeptAlive.search(cluster.token(MANY, "query"), MANY);
  }

  private GatewayRun gateway(String name, String limits) {
    return GatewayRun.of(cluster, Tempo.portsOf(tempo)).add(limits).start(name);
  }

  /** What the tenant does that is far below its limits, at the first of them. */
  ConstantLoad loadBelowTheLimits() {
    return new ConstantLoad(
        cluster,
        gateways.get(0).ports(),
        FEW,
        (tenant, trace) -> tempo.store().trace(tenant, trace).size());
  }

  /** A client over the limit gets 429; any other answer fails the test when this is closed. */
  Paced flood() throws IOException {
    Paced flood = new Paced();
    for (GatewayRun gateway : gateways) {
      for (int i = 0; i < CLIENTS; i++) {
        KeptAlive client = KeptAlive.connect(gateway.ports().query());
        flood.each(EVERY, () -> search(client));
      }
    }
    return flood;
  }

  private boolean search(KeptAlive client) throws IOException {
    int status = client.status(search);
    assertThat(status).isIn(200, 429);
    (status == 200 ? passed : refused).incrementAndGet();
    return true;
  }

  /**
   * What passes both is the limit, within a tenth.
   *
   * @return which part of the limit it is
   */
  double holdTheLimit(String when) {
    bothAre(1);
    Until.passed(SETTLES);
    Rates rates = rates(MEASURED);
    assertThat(rates.passed()).as("%s: %s", when, rates).isCloseTo(PER_SECOND, TENTH);
    return rates.passed() / PER_SECOND;
  }

  /**
   * What passes both while the store is away is at most twice the limit, and not nothing.
   *
   * @return which part of the limit it is
   */
  double staySafe(String when, Duration duration) {
    Rates rates = rates(duration);
    assertThat(rates.passed())
        .as("%s: %s", when, rates)
        .isBetween(PER_SECOND * 0.5, PER_SECOND * 2.0);
    return rates.passed() / PER_SECOND;
  }

  /** Answers a second of both: a limit is measured only where there is more than it allows. */
  private record Rates(double passed, double refused) {
    Rates {
      assertThat(passed + refused)
          .as("searches a second that the clients could send, %s of them refused", refused)
          .isGreaterThan(PER_SECOND * 1.25);
    }
  }

  private Rates rates(Duration measured) {
    long passedBefore = passed.get();
    long refusedBefore = refused.get();
    long since = System.nanoTime();
    Until.passed(measured);
    double seconds = (System.nanoTime() - since) / (double) TimeUnit.SECONDS.toNanos(1);
    return new Rates(
        (passed.get() - passedBefore) / seconds, (refused.get() - refusedBefore) / seconds);
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
