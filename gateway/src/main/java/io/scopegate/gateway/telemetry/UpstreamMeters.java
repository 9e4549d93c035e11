package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What is counted about one upstream; for any thread. */
public final class UpstreamMeters {
  /** Endpoints beyond these are counted together. */
  private static final int MOST_ENDPOINTS = 64;

  /** What those are counted as. */
  public static final String OTHER = "other";

  private final MeterRegistry registry;
  private final String upstream;
  private final Map<String, UpstreamEndpointCounts> endpoints = new LinkedHashMap<>();
  private final LongAdder connections = new LongAdder();
  private final Timer connects;
  private final Counter failures;
  private final Counter retries;
  private final Counter hedges;
  private final Counter hedgesWon;

  UpstreamMeters(MeterRegistry registry, String upstream) {
    this.registry = registry;
    this.upstream = upstream;
    Gauge.builder("scopegate.upstream.connections", connections, LongAdder::sum)
        .description("Open connections to an upstream")
        .tag("upstream", upstream)
        .register(registry);
    this.connects =
        Timer.builder("scopegate.upstream.connect.duration")
            .description("Duration of successful connects to an upstream, including TLS")
            .tag("upstream", upstream)
            .register(registry);
    this.failures =
        Counter.builder("scopegate.upstream.connect.failures")
            .description("Failed connects to an upstream")
            .tag("upstream", upstream)
            .register(registry);
    this.retries =
        Counter.builder("scopegate.upstream.retries")
            .description("Requests that were sent to an upstream again")
            .tag("upstream", upstream)
            .register(registry);
    this.hedges =
        Counter.builder("scopegate.upstream.hedges")
            .description("Slow reads that were sent to a second server of an upstream as well")
            .tag("upstream", upstream)
            .register(registry);
    this.hedgesWon =
        Counter.builder("scopegate.upstream.hedges.won")
            .description("Slow reads that the second server of an upstream answered first")
            .tag("upstream", upstream)
            .register(registry);
  }

  /**
   * A connection is ready.
   *
   * @param nanos how long that took
   */
  public void connected(long nanos) {
    connects.record(nanos, TimeUnit.NANOSECONDS);
    connections.increment();
  }

  /** A connection that was counted as ready is gone. */
  public void disconnected() {
    connections.decrement();
  }

  /** A connect failed. */
  public void connectFailed() {
    failures.increment();
  }

  /** A request is sent again. */
  public void retried() {
    retries.increment();
  }

  /** A slow read is sent to a second server as well. */
  public void hedged() {
    hedges.increment();
  }

  /** The second server has answered first. */
  public void hedgeWon() {
    hedgesWon.increment();
  }

  /**
   * What an event loop counts about one of its servers.
   *
   * @param endpoint where that is; those beyond the first {@value #MOST_ENDPOINTS} are counted as
   *     one
   */
  public UpstreamEndpointMeters endpoint(String endpoint) {
    synchronized (endpoints) {
      boolean fits = endpoints.containsKey(endpoint) || endpoints.size() < MOST_ENDPOINTS;
      String label = fits ? endpoint : OTHER;
      return endpoints
          .computeIfAbsent(
              label, key -> new UpstreamEndpointCounts(registry, upstream, key, () -> forget(key)))
          .join();
    }
  }

  private void forget(String endpoint) {
    synchronized (endpoints) {
      UpstreamEndpointCounts counts = endpoints.get(endpoint);
      if (counts != null && counts.isUnknown()) {
        endpoints.remove(endpoint);
        counts.remove();
      }
    }
  }

  /** How its servers are doing. */
  public List<UpstreamEndpointState> endpoints() {
    synchronized (endpoints) {
      return endpoints.entrySet().stream()
          .map(each -> each.getValue().state(each.getKey()))
          .toList();
    }
  }
}
