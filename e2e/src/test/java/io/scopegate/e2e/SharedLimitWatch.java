package io.scopegate.e2e;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import java.time.Duration;

/**
 * Two gateways that share a limit, and what becomes of it and of a tenant that is below its limits
 * when something happens to the store, as rows of {@link FaultTable}.
 */
final class SharedLimitWatch implements AutoCloseable {
  private static final Duration FAILOVER = Duration.ofSeconds(10);

  private final TempoStandIn tempo = TempoStandIn.start();
  private final TwoGateways gateways;
  private final ConstantLoad load;
  private final FaultWatch watch;
  private final Paced flood;

  /**
   * Starts them and all their clients.
   *
   * @param store the value of {@code limits.store}
   */
  SharedLimitWatch(String name, String store) throws IOException {
    gateways = new TwoGateways(tempo, name, store);
    gateways.bothAre(1);
    load = gateways.loadBelowTheLimits();
    watch = new FaultWatch(load);
    flood = gateways.flood();
  }

  /** What happens to the store. */
  interface Event {
    /** Does it. */
    void happen() throws IOException;
  }

  /**
   * The store is away for a while: the sum stays safe, and heals.
   *
   * @param begin what takes it away
   * @param end waits until it is back
   */
  void outage(String scenario, Event begin, Runnable end) {
    watch.change(
        scenario,
        row -> {
          happen(begin);
          row.meanwhile(gateways.staySafe(scenario, FAILOVER));
          end.run();
          row.healed(gateways.holdTheLimit("after: " + scenario));
        });
  }

  /** Something happens to the store that is over when it returns: the limit holds afterwards. */
  void change(String scenario, Event change) {
    watch.change(
        scenario,
        row -> {
          happen(change);
          row.healed(gateways.holdTheLimit("after: " + scenario));
        });
  }

  private static void happen(Event event) {
    try {
      event.happen();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The log says what happened to the store, without its passwords. */
  void logWithout(String... secrets) {
    gateways.logWithout(secrets);
  }

  /** Fails if a request was answered with anything but 200, or 429 where it is over the limit. */
  @Override
  public void close() {
    try (tempo;
        gateways;
        load;
        flood) {
      FaultTable.write();
    }
  }
}
