package io.scopegate.gateway.limit;

import org.jspecify.annotations.Nullable;

/**
 * How much of something a second, and at once after a pause.
 *
 * @param perSecond in whatever is counted
 * @param burst likewise
 */
record Rate(double perSecond, long burst) {
  /** More than this counts as unlimited; buckets count in nanoseconds. */
  private static final double MOST = 1e9;

  /** A rate whose burst is one second of it; null when there is none. */
  static @Nullable Rate of(LimitKind kind, @Nullable Double perSecond) {
    return perSecond == null ? null : of(kind, perSecond, (long) Math.ceil(perSecond));
  }

  /** Whether the rate is zero. */
  boolean isZero() {
    return perSecond == 0 && burst == 0;
  }

  /** A rate; null when it is so high that it counts as unlimited. */
  static @Nullable Rate of(LimitKind kind, double perSecond, long burst) {
    return perSecond * kind.scale() > MOST ? null : new Rate(perSecond, burst);
  }
}
