package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the configuration file is in force, and since when. For any thread. At the start the file
 * counts as in force.
 */
public final class ConfigurationMeters {
  private static final double MILLIS = 1000.0;

  private static final int HASH_BYTES = 6;

  private final MeterRegistry registry;
  private final InstantSource clock;
  private @Nullable Gauge shown;
  private volatile boolean current = true;
  private volatile long reloadedMillis;
  private volatile LastReload last;

  ConfigurationMeters(MeterRegistry registry, InstantSource clock) {
    this.registry = registry;
    this.clock = clock;
    this.reloadedMillis = clock.millis();
    this.last = LastReload.start(clock.instant());
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

  /** Whether the file is there and in force. */
  public boolean isCurrent() {
    return current;
  }

  /**
   * Notes what became of a reload, for people who look.
   *
   * @param changed the keys that have changed
   * @param atNextStart those of them that take effect at the next start
   * @param problems what could not be applied, or why nothing was
   */
  public void noted(List<String> changed, List<String> atNextStart, List<String> problems) {
    last = new LastReload(clock.instant(), false, changed, atNextStart, problems);
  }

  /** What became of the last reload. */
  public LastReload last() {
    return last;
  }

  /**
   * Shows which configuration is in force, so that replicas can be compared.
   *
   * @param effective all keys with their values, secrets masked
   */
  public synchronized void inForce(String effective) {
    if (shown != null) {
      registry.remove(shown);
    }
    shown =
        Gauge.builder("scopegate.configuration.info", () -> 1)
            .description("Always 1; the label is a hash of the configuration in force")
            .tag("hash", hash(effective))
            .register(registry);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
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
