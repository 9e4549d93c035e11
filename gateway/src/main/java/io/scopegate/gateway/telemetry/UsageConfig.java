package io.scopegate.gateway.telemetry;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * What is recorded of what tenants use.
 *
 * @param enabled whether it is measured, counted and recorded
 * @param interval how long one usage record is for; zero for no records
 */
public record UsageConfig(
    @Key(
            doc =
                "Measure what tenants use: the decoded bytes and the spans of all that they store,"
                    + " and what Tempo says in its answers that their queries cost (inspected bytes,"
                    + " jobs). Bodies are read in passing for it, and decoded if they are"
                    + " compressed, which costs CPU time.",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean enabled,
    @Key(
            doc =
                "While `usage.enabled` is true, how often each tenant gets a usage record in the log."
                    + " Intervals begin at multiples of it since 1970 (UTC). `0s`: no records.",
            def = "1h",
            reload = Key.Reload.AT_ONCE)
        Duration interval) {

  /** Nothing is measured. */
  static final UsageConfig OFF = new UsageConfig(false, Duration.ZERO);

  /** How long one record is for, in milliseconds; 0 for no records. */
  long intervalMillis() {
    return enabled ? Math.max(0, interval.toMillis()) : 0;
  }
}
