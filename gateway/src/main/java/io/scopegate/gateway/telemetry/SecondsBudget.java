package io.scopegate.gateway.telemetry;

/** So many in each second; for one thread. */
final class SecondsBudget {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final int perSecond;
  private long sinceNanos;
  private int taken;
  private boolean begun;

  SecondsBudget(int perSecond) {
    this.perSecond = perSecond;
  }

  /** Whether one more fits into the second that goes on. */
  boolean takes(long nowNanos) {
    if (!begun || nowNanos - sinceNanos >= SECOND_NANOS) {
      begun = true;
      sinceNanos = nowNanos;
      taken = 0;
    }
    if (taken >= perSecond) {
      return false;
    }
    taken++;
    return true;
  }
}
