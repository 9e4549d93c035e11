package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;

/**
 * Whether the configuration file is in force, and since when. For any thread. At the start the file
 * counts as in force.
 */
public final class ConfigurationMeters {
  private static final double MILLIS = 1000.0;

  private final InstantSource clock;
  private volatile boolean current = true;
  private volatile long reloadedMillis;

  ConfigurationMeters(MeterRegistry registry, InstantSource clock) {
    this.clock = clock;
    this.reloadedMillis = clock.millis();
    Gauge.builder("scopegate.configuration.current", this, meters -> meters.current ? 1 : 0)
        .description("1 while the configuration file is in force, else 0")
        .register(registry);
    Gauge.builder(
            "scopegate.configuration.last.reload.timestamp",
            this,
            meters -> meters.reloadedMillis / MILLIS)
        .description("When the configuration was last loaded successfully, at the start included")
        .baseUnit("seconds")
        .register(registry);
  }

  /**
   * The file was loaded and applied.
   *
   * @param isComplete whether all of it runs: no key waits for a restart, no listener is missing
   */
  public void reloaded(boolean isComplete) {
    reloadedMillis = clock.millis();
    current = isComplete;
  }

  /**
   * Reports whether the file is there and in force.
   *
   * @param isCurrent false when it is missing or could not be applied
   */
  public void current(boolean isCurrent) {
    current = isCurrent;
  }
}
