package io.scopegate.gateway.limit;

import java.util.function.IntUnaryOperator;

/**
 * How long a client is told to wait: as long as its bucket needs, between one and 30 seconds, plus
 * up to a quarter at random, so that clients that were refused together do not retry together.
 */
final class Delays {
  private static final long LEAST_MILLIS = 1_000;
  private static final long MOST_MILLIS = 24_000;
  private static final long DAY_SECONDS = 86_400;

  private final IntUnaryOperator random;

  /**
   * Delays with this source of randomness.
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

  /** The delay without the random part, in whole seconds, at most a day. */
  static long seconds(long nanos) {
    return Math.min(nanos / 1_000_000_000 + (nanos % 1_000_000_000 > 0 ? 1 : 0), DAY_SECONDS);
  }
}
