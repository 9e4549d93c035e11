package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** What is counted about one upstream; for any thread. */
public final class UpstreamMeters {
  private final LongAdder connections = new LongAdder();
  private final Timer connects;
  private final Counter failures;
  private final Counter retries;

  UpstreamMeters(MeterRegistry registry, String upstream) {
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
}
