package io.scopegate.authz.kubernetes;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Logs a kind of trouble once in a while, with how often it has happened since: an outage must not
 * fill the log.
 *
 * @param <K> the kinds, of which there are few
 */
final class RateLimitedLog<K> {
  private static final long INTERVAL_MILLIS = 30_000;

  private final Consumer<String> warn;
  private final InstantSource clock;
  private final Map<K, Entry> entries = new HashMap<>();

  RateLimitedLog(Consumer<String> warn, InstantSource clock) {
    this.warn = warn;
    this.clock = clock;
  }

  /** Warns, unless it has warned of this kind within the last 30 s. */
  synchronized void warn(K kind, String message) {
    long now = clock.millis();
    Entry entry = entries.computeIfAbsent(kind, ignored -> new Entry());
    if (entry.warned && now - entry.lastMillis < INTERVAL_MILLIS) {
      entry.suppressed++;
      return;
    }
    warn.accept(
        entry.suppressed == 0
            ? message
            : message + " (" + entry.suppressed + " more times since the last message)");
    entry.warned = true;
    entry.lastMillis = now;
    entry.suppressed = 0;
  }

  private static final class Entry {
    private boolean warned;
    private long lastMillis;
    private long suppressed;
  }
}
