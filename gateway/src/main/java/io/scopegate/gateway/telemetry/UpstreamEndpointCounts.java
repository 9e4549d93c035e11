package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What is counted about one endpoint of an upstream by all event loops; for any thread. */
final class UpstreamEndpointCounts {
  /** Why one is left out. */
  private static final List<String> REASONS =
      List.of("no_connection", "failures", "silence", "check");

  final LongAdder requests = new LongAdder();
  final LongAdder failures = new LongAdder();

  /** Event loops that use it. */
  final AtomicInteger usable = new AtomicInteger();

  private final MeterRegistry registry;
  private final Tags tags;
  private final Runnable gone;
  private final List<Meter> meters = new ArrayList<>();
  private final Map<String, Counter> leftOut = new HashMap<>();
  private final LongAdder timesLeftOut = new LongAdder();
  private @Nullable Boolean passesCheck;
  private volatile @Nullable ConcurrencyCounts concurrency;
  private int loops;

  /**
   * Nothing yet.
   *
   * @param endpoint a bounded label
   * @param gone called when no loop knows it any more
   */
  UpstreamEndpointCounts(MeterRegistry registry, String upstream, String endpoint, Runnable gone) {
    this.registry = registry;
    this.gone = gone;
    tags = Tags.of("upstream", upstream, "endpoint", endpoint);
    meters.add(
        FunctionCounter.builder("scopegate.upstream.endpoint.requests", requests, LongAdder::sum)
            .description("Requests sent to one of several servers of an upstream")
            .tags(tags)
            .register(registry));
    meters.add(
        FunctionCounter.builder("scopegate.upstream.endpoint.failures", failures, LongAdder::sum)
            .description("Requests that failed at one of several servers of an upstream")
            .tags(tags)
            .register(registry));
    meters.add(
        Gauge.builder(
                "scopegate.upstream.endpoint.usable", this, UpstreamEndpointCounts::usableShare)
            .description("The part of the event loops that use a server of an upstream, 0 to 1")
            .tags(tags)
            .register(registry));
    REASONS.forEach(this::addReason);
  }

  /** One more loop uses it. */
  synchronized UpstreamEndpointMeters join() {
    loops++;
    usable.incrementAndGet();
    return new UpstreamEndpointMeters(this);
  }

  void leave() {
    synchronized (this) {
      if (--loops > 0) {
        return;
      }
    }
    gone.run();
  }

  synchronized boolean isUnknown() {
    return loops == 0;
  }

  synchronized double usableShare() {
    return loops == 0 ? 0 : (double) usable.get() / loops;
  }

  /** An active check has found something; there is a gauge from then on. */
  synchronized void checked(boolean isWell) {
    if (passesCheck == null) {
      meters.add(
          Gauge.builder("scopegate.upstream.endpoint.check", this, UpstreamEndpointCounts::check)
              .description("Whether a server of an upstream passes its active check")
              .tags(tags)
              .register(registry));
    }
    passesCheck = isWell;
  }

  /** What is counted about its bound; there are meters from the first call on. */
  ConcurrencyCounts concurrency() {
    ConcurrencyCounts known = concurrency;
    return known == null ? addConcurrency() : known;
  }

  private synchronized ConcurrencyCounts addConcurrency() {
    ConcurrencyCounts known = concurrency;
    if (known == null) {
      known = new ConcurrencyCounts();
      concurrency = known;
      gauge("limit", "Requests that a server of an upstream may get at a time", known.limit);
      gauge("in.flight", "Requests under way at a server of an upstream", known.inFlight);
      gauge("queued", "Requests that wait for their turn at a server", known.queued);
      meters.add(
          FunctionCounter.builder(
                  "scopegate.upstream.concurrency.dropped", known.dropped, LongAdder::sum)
              .description("Requests refused since too many waited for a server, or for too long")
              .tags(tags)
              .register(registry));
    }
    return known;
  }

  private void gauge(String name, String description, AtomicInteger value) {
    meters.add(
        Gauge.builder("scopegate.upstream.concurrency." + name, value, AtomicInteger::get)
            .description(description)
            .tags(tags)
            .register(registry));
  }

  private synchronized double check() {
    return Boolean.TRUE.equals(passesCheck) ? 1 : 0;
  }

  void leftOut(String reason) {
    timesLeftOut.increment();
    Objects.requireNonNull(leftOut.get(reason), reason).increment();
  }

  private void addReason(String reason) {
    leftOut.put(
        reason,
        Counter.builder("scopegate.upstream.endpoint.left.out")
            .description("How often one of several servers of an upstream was left out")
            .tags(tags.and("reason", reason))
            .register(registry));
  }

  synchronized UpstreamEndpointState state(String endpoint) {
    return new UpstreamEndpointState(
        endpoint,
        usableShare(),
        requests.sum(),
        failures.sum(),
        timesLeftOut.sum(),
        passesCheck,
        bound());
  }

  private UpstreamEndpointState.@Nullable Bound bound() {
    ConcurrencyCounts now = concurrency;
    return now == null
        ? null
        : new UpstreamEndpointState.Bound(
            now.limit.get(), now.inFlight.get(), now.queued.get(), now.dropped.sum());
  }

  synchronized void remove() {
    meters.forEach(registry::remove);
    leftOut.values().forEach(registry::remove);
  }
}
