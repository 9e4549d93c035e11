package io.scopegate.gateway.exchange;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a client's connection has shown for itself. Until a request of it was allowed nothing of
 * size is remembered for it, and it is the first to go when its port is full. Changed on its event
 * loop, read by any thread.
 */
public final class ConnectionStanding {
  private static final long BUSY = Long.MIN_VALUE;

  private final Runnable whenLetIn;
  private final AtomicLong quietSinceNanos = new AtomicLong(System.nanoTime());
  private volatile boolean letIn;
  private int underWay;

  /**
   * Of a new connection.
   *
   * @param whenLetIn called once, on its event loop
   */
  public ConnectionStanding(Runnable whenLetIn) {
    this.whenLetIn = whenLetIn;
  }

  /** Whether one of its requests was allowed. */
  public boolean isLetIn() {
    return letIn;
  }

  /** One of its requests was allowed. */
  public void letIn() {
    if (!letIn) {
      letIn = true;
      whenLetIn.run();
    }
  }

  /** A request begins. */
  public void begin() {
    if (underWay++ == 0) {
      quietSinceNanos.lazySet(BUSY);
    }
  }

  /**
   * A request has ended.
   *
   * @param nowNanos the time
   */
  public void end(long nowNanos) {
    if (--underWay == 0) {
      quietSinceNanos.lazySet(nowNanos == BUSY ? nowNanos + 1 : nowNanos);
    }
  }

  /**
   * How long no request was under way, in nanoseconds; negative while one is.
   *
   * @param nowNanos the time
   */
  public long quietNanos(long nowNanos) {
    long since = quietSinceNanos.get();
    return since == BUSY ? -1 : Math.max(0, nowNanos - since);
  }
}
