package io.scopegate.gateway.limit;

import java.util.function.IntUnaryOperator;

/**
 * How long a client is told to wait: what its bucket needs, never less than a second and never more
 * than half a minute, and up to a quarter longer by chance, so that those who were refused together
 * do not come again together.
 */
final class Delays {
  private static final long LEAST_MILLIS = 1_000;
  private static final long MOST_MILLIS = 24_000;
  private static final long DAY_SECONDS = 86_400;

  private final IntUnaryOperator random;

  /**
   * Delays by chance.
   *
   * @param random gives a number from 0 to below its argument
   */
  Delays(IntUnaryOperator random) {
    this.random = random;
  }

  /** The delay in milliseconds, from 1,000 to 30,000. */
  long millis(long nanos) {
    long base = Math.min(Math.max(nanos / 1_000_000, LEAST_MILLIS), MOST_MILLIS);
    return base + random.applyAsInt((int) base / 4 + 1);
  }

  /** The same without chance, in whole seconds, a day at most. */
  static long seconds(long nanos) {
    return Math.min(nanos / 1_000_000_000 + (nanos % 1_000_000_000 > 0 ? 1 : 0), DAY_SECONDS);
  }
}
