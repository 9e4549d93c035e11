package io.scopegate.gateway.telemetry;

/**
 * What one event loop counts about one endpoint of an upstream; for that loop only. Counters are
 * shared with the other loops.
 */
public final class UpstreamEndpointMeters {
  private final UpstreamEndpointCounts counts;
  private boolean usable = true;
  private boolean isThere = true;

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
      isThere = false;
      counts.leave();
    }
  }
}
