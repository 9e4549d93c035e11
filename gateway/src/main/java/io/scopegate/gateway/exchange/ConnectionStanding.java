package io.scopegate.gateway.exchange;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a client's connection has shown for itself. Until a request of it was allowed nothing of
 * size is remembered for it, and it is the first to go when its port is full. Changed on its event
 * loop, read by any thread.
 */
public final class ConnectionStanding {
  private static final long BUSY = Long.MIN_VALUE;

  /** For how long a refusal is held against a connection. */
  private static final long REFUSED_NANOS = 1_000_000_000;

  private final Runnable whenLetIn;
  private final AtomicLong quietSinceNanos = new AtomicLong(System.nanoTime());
  private volatile boolean letIn;
  private int underWay;
  private boolean refused;
  private long refusedNanos;
  private String refusedTenant = "";

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

  /**
   * One of its requests was refused for what its client did: for a second the connection is read
   * less often.
   *
   * @param tenant the tenant that was asked for; empty when it is not known
   */
  public void refused(String tenant, long nowNanos) {
    refused = true;
    refusedNanos = nowNanos;
    refusedTenant = tenant;
  }

  /** Whether one of its requests was refused a moment ago; on its event loop. */
  public boolean isRefused(long nowNanos) {
    refused = refused && nowNanos - refusedNanos < REFUSED_NANOS;
    return refused;
  }

  /** The tenant of the last refused request; empty when it was not known. */
  public String refusedTenant() {
    return refusedTenant;
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
