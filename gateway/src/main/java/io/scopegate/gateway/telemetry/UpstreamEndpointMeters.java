package io.scopegate.gateway.telemetry;

/**
 * What one event loop counts about one endpoint of an upstream; for that loop only. Counters are
 * shared with the other loops.
 */
public final class UpstreamEndpointMeters {
  private final UpstreamEndpointCounts counts;
  private boolean usable = true;
  private boolean isThere = true;
  private int limit;
  private int inFlight;
  private int queued;

  UpstreamEndpointMeters(UpstreamEndpointCounts counts) {
    this.counts = counts;
  }

  /** A request was sent to it. */
  public void sent() {
    counts.requests.increment();
  }

  /** A request to it failed. */
  public void failed() {
    counts.failures.increment();
  }

  /**
   * It is left out.
   *
   * @param reason a bounded label
   */
  public void leftOut(String reason) {
    counts.leftOut(reason);
  }

  /** What an active check has found. */
  public void checked(boolean isWell) {
    if (isThere) {
      counts.checked(isWell);
    }
  }

  /** How many requests it may get at a time from this event loop. */
  public void limit(int now) {
    if (isThere && now != limit) {
      counts.concurrency().limit.addAndGet(now - limit);
      limit = now;
    }
  }

  /** So many more are under way there, or fewer; for a bound. */
  public void inFlight(int more) {
    if (isThere) {
      inFlight += more;
      counts.concurrency().inFlight.addAndGet(more);
    }
  }

  /** So many more wait for their turn, or fewer. */
  public void queued(int more) {
    if (isThere) {
      queued += more;
      counts.concurrency().queued.addAndGet(more);
    }
  }

  /** One was refused that waited for its turn, or would have. */
  public void dropped() {
    counts.concurrency().dropped.increment();
  }

  /** Whether it gets requests. */
  public void usable(boolean now) {
    if (isThere && now != usable) {
      usable = now;
      counts.usable.addAndGet(now ? 1 : -1);
    }
  }

  /** It is not there any more. */
  public void leave() {
    if (isThere) {
      usable(false);
      if (limit > 0) {
        inFlight(-inFlight);
        queued(-queued);
        limit(0);
      }
      isThere = false;
      counts.leave();
    }
  }
}
