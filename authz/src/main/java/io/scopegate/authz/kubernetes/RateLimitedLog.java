package io.scopegate.authz.kubernetes;

import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Logs a kind of trouble once in a while, with how often it has happened since: an outage must not
 * fill the log.
 *
 * @param <K> the kinds
 */
final class RateLimitedLog<K extends Enum<K>> {
  private static final long INTERVAL_MILLIS = 30_000;

  private final Logger log;
  private final InstantSource clock;
  private final Map<K, Entry> entries;

  RateLimitedLog(Logger log, InstantSource clock, Class<K> kinds) {
    this.log = log;
    this.clock = clock;
    this.entries = new EnumMap<>(kinds);
  }

  /** Warns, unless it has warned of this kind within the last 30 s. */
  synchronized void warn(K kind, String message) {
    long now = clock.millis();
    Entry entry = entries.computeIfAbsent(kind, ignored -> new Entry());
    if (entry.warned && now - entry.lastMillis < INTERVAL_MILLIS) {
      entry.suppressed++;
      return;
    }
    if (entry.suppressed == 0) {
      log.warn("{}", message);
    } else {
      log.warn("{} ({} more times since the last message)", message, entry.suppressed);
    }
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
