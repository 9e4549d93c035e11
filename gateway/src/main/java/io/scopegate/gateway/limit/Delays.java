package io.scopegate.gateway.limit;

import java.util.function.IntUnaryOperator;

/**
 * How long a client is told to wait: as long as its bucket needs, between one and 30 seconds, plus
 * up to a quarter at random, so that clients that were refused together do not retry together. In
 * hundredths of a second: with every millisecond the encoded answers would be more than a core's
 * cache keeps, and to fetch one again was a twentieth of what a refusal costs.
 */
final class Delays {
  private static final long LEAST_MILLIS = 1_000;
  private static final long MOST_MILLIS = 24_000;
  private static final int STEP_MILLIS = 10;
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

  /** The delay in milliseconds, from 1,000 to 30,000, a multiple of {@value #STEP_MILLIS}. */
  long millis(long nanos) {
    long needed = Math.max(nanos / 1_000_000 + STEP_MILLIS - 1, LEAST_MILLIS);
    int steps = (int) Math.min(needed, MOST_MILLIS) / STEP_MILLIS;
    return (long) (steps + random.applyAsInt(steps / 4 + 1)) * STEP_MILLIS;
  }

  /** The delay without the random part, in whole seconds, at most a day. */
  static long seconds(long nanos) {
    return Math.min(nanos / 1_000_000_000 + (nanos % 1_000_000_000 > 0 ? 1 : 0), DAY_SECONDS);
  }
}
