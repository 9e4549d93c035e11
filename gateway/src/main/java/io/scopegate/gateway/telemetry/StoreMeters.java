package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted about a store of limits that replicas share; for any thread. */
public final class StoreMeters {
  private final AtomicInteger up = new AtomicInteger();
  private final AtomicInteger replicas = new AtomicInteger(1);
  private final Timer good;
  private final Timer failed;

  StoreMeters(MeterRegistry registry) {
    Gauge.builder("scopegate.limit.store.up", up, AtomicInteger::get)
        .description("1 while the store of shared limits answers")
        .register(registry);
    Gauge.builder("scopegate.limit.store.replicas", replicas, AtomicInteger::get)
        .description("Gateways last known to the store of shared limits")
        .register(registry);
    this.good = timer(registry, "ok");
    this.failed = timer(registry, "failed");
  }

  private static Timer timer(MeterRegistry registry, String result) {
    return Timer.builder("scopegate.limit.store.exchange.duration")
        .description("Round trips to the store of shared limits")
        .tag("result", result)
        .register(registry);
  }

  /** An exchange has ended. */
  public void exchanged(long nanos, boolean ok) {
    (ok ? good : failed).record(nanos, TimeUnit.NANOSECONDS);
  }

  /**
   * The state now.
   *
   * @param answers whether the store answers
   * @param known gateways that it last knew of
   */
  public void became(boolean answers, int known) {
    up.set(answers ? 1 : 0);
    replicas.set(known);
  }
}
