package io.scopegate.gateway.listen;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs why connections of one listener fail: for each cause a line at most every ten seconds, with
 * the number of those left out, since anybody can make connections fail. For any thread.
 */
final class FailedConnections {
  private static final Logger LOG = LoggerFactory.getLogger(FailedConnections.class);
  private static final long PAUSE_NANOS = 10_000_000_000L;

  private final String listener;
  private final LongSupplier nanoTime;

  /** Causes are a few fixed texts. */
  private final Map<String, Cause> causes = new ConcurrentHashMap<>();

  private static final class Cause {
    private long skipped;
    private long nextNanos;
    private boolean logged;
  }

  FailedConnections(String listener, LongSupplier nanoTime) {
    this.listener = listener;
    this.nanoTime = nanoTime;
  }

  /**
   * A connection failed.
   *
   * @param client its address
   * @param why one of few texts
   */
  void failed(Object client, String why) {
    Cause cause = causes.computeIfAbsent(why, text -> new Cause());
    long skipped;
    synchronized (cause) {
      long now = nanoTime.getAsLong();
      if (cause.logged && now - cause.nextNanos < 0) {
        cause.skipped++;
        return;
      }
      cause.logged = true;
      cause.nextNanos = now + PAUSE_NANOS;
      skipped = cause.skipped;
      cause.skipped = 0;
    }
    if (skipped == 0) {
      LOG.info("listeners.{}: connection from {} failed: {}", listener, client, why);
    } else {
      LOG.info(
          "listeners.{}: connection from {} failed: {} ({} more since the last line)",
          listener,
          client,
          why,
          skipped);
    }
  }
}
