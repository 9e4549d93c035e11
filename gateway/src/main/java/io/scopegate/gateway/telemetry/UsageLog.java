package io.scopegate.gateway.telemetry;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes usage records. Somebody may be billed by them, so it waits for the log's output when that
 * cannot keep up, a few seconds at most: it is never called on an event loop.
 */
public final class UsageLog {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final LogOutput output;
  private final LogConfig.Format format;
  private final InstantSource clock;
  private final AtomicLong dropped = new AtomicLong();

  /**
   * Logs to this output.
   *
   * @param clock says when intervals begin and end
   */
  public UsageLog(LogOutput output, LogConfig.Format format, InstantSource clock) {
    this.output = output;
    this.format = format;
    this.clock = clock;
  }

  /** The time in milliseconds since the epoch. */
  long nowMillis() {
    return clock.millis();
  }

  /** How many records were dropped because nobody read the log. */
  long dropped() {
    return dropped.get();
  }

  /** Writes the records of an interval. */
  void write(Iterable<UsageAccount> accounts, UsageLine.Interval interval) {
    long until = System.nanoTime() + PATIENCE_NANOS;
    for (UsageAccount account : accounts) {
      byte[] line = UsageLine.of(account, interval, format);
      boolean written = output.tryOffer(line);
      while (!written && System.nanoTime() - until < 0) {
        LockSupport.parkNanos(this, PAUSE_NANOS);
        written = output.tryOffer(line);
      }
      if (!written) {
        dropped.incrementAndGet();
      }
    }
  }
}
