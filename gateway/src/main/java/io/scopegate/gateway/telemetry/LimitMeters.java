package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What is counted about one tenant's limits; for any thread. */
public final class LimitMeters {
  private final MeterRegistry registry;
  private final String tenant;
  private final boolean alone;
  private final LongAdder inFlight = new LongAdder();
  private final Map<String, Counter> refusals = new ConcurrentHashMap<>();
  private final Map<String, Counter> waived = new ConcurrentHashMap<>();
  private final Map<String, Shown> limits = new ConcurrentHashMap<>();
  private final Counter bytes;
  private final Counter spans;

  private record Shown(double value, Gauge gauge) {}

  /**
   * Registers what is always there.
   *
   * @param alone whether it is one tenant and not the rest of them, whose limits differ
   */
  LimitMeters(MeterRegistry registry, String tenant, boolean alone) {
    this.registry = registry;
    this.tenant = tenant;
    this.alone = alone;
    Gauge.builder("scopegate.tenant.requests.in.flight", inFlight, LongAdder::sum)
        .description("Requests of a tenant in progress")
        .tag("tenant", tenant)
        .register(registry);
    this.bytes =
        Counter.builder("scopegate.tenant.ingested.bytes")
            .description("Decoded bytes that a tenant stored")
            .tag("tenant", tenant)
            .register(registry);
    this.spans =
        Counter.builder("scopegate.tenant.ingested.spans")
            .description("Spans that a tenant stored")
            .tag("tenant", tenant)
            .register(registry);
  }

  /** A request was let through. */
  public void begun() {
    inFlight.increment();
  }

  /** A request that was let through has ended. */
  public void ended() {
    inFlight.decrement();
  }

  /** So much was stored, as far as it was measured. */
  public void ingested(long decodedBytes, long spanCount) {
    bytes.increment((double) decodedBytes);
    if (spanCount > 0) {
      spans.increment((double) spanCount);
    }
  }

  /**
   * A request was refused.
   *
   * @param limit the key of the limit
   */
  public void refused(String limit) {
    counter(limit).increment();
  }

  /**
   * A request was forwarded that would have been refused, if limits did more than log.
   *
   * @param limit the key of the limit
   */
  public void wouldRefuse(String limit) {
    Counter known = waived.get(limit);
    Counter counter =
        known != null
            ? known
            : waived.computeIfAbsent(
                limit,
                key ->
                    Counter.builder("scopegate.tenant.would.limit")
                        .description("Requests forwarded although the tenant was over this limit")
                        .tag("tenant", tenant)
                        .tag("limit", key)
                        .register(registry));
    counter.increment();
  }

  private Counter counter(String limit) {
    Counter known = refusals.get(limit);
    return known != null
        ? known
        : refusals.computeIfAbsent(
            limit,
            key ->
                Counter.builder("scopegate.tenant.limited")
                    .description("Requests refused because the tenant was over this limit")
                    .tag("tenant", tenant)
                    .tag("limit", key)
                    .register(registry));
  }

  /**
   * Shows a limit, and that nothing was refused for it yet.
   *
   * @param limit its key
   * @param value how much; not a number for no limit
   */
  public void limit(String limit, double value) {
    if (!alone) {
      return;
    }
    limits.compute(
        limit,
        (key, shown) -> {
          if (shown != null && shown.value() == value) {
            return shown;
          }
          if (shown != null) {
            registry.remove(shown.gauge());
          }
          return Double.isNaN(value) ? null : show(key, value);
        });
  }

  private Shown show(String limit, double value) {
    counter(limit);
    Gauge gauge =
        Gauge.builder("scopegate.tenant.limit", () -> value)
            .description("What a tenant may use at most")
            .tag("tenant", tenant)
            .tag("limit", limit)
            .register(registry);
    return new Shown(value, gauge);
  }
}
