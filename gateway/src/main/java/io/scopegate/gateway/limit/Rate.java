package io.scopegate.gateway.limit;

import org.jspecify.annotations.Nullable;

/**
 * How much of something a second, and at once after a pause.
 *
 * @param perSecond in whatever is counted
 * @param burst likewise
 */
record Rate(double perSecond, long burst) {
  /** What more than this is as good as no limit; buckets count in nanoseconds. */
  private static final double MOST = 1e9;

  /** A rate whose burst is one second of it; null when there is none. */
  static @Nullable Rate of(LimitKind kind, @Nullable Double perSecond) {
    return perSecond == null ? null : of(kind, perSecond, (long) Math.ceil(perSecond));
  }

  /** Whether there is never any. */
  boolean isZero() {
    return perSecond == 0 && burst == 0;
  }

  /** A rate; null when it is as good as none. */
  static @Nullable Rate of(LimitKind kind, double perSecond, long burst) {
    return perSecond * kind.scale() > MOST ? null : new Rate(perSecond, burst);
  }
}
