package io.scopegate.gateway.limit;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.local.LocalBucket;
import java.time.Duration;
import java.util.function.LongSupplier;

/** What is left of a budget, in the whole units that buckets count. Lock-free, for any thread. */
final class TokenBucket {
  private static final double MANY = 1_000;

  private final LocalBucket bucket;

  /**
   * A full bucket.
   *
   * @param perSecond units that fill up in a second
   * @param most units that there may be
   * @param nanos the time in nanoseconds, from any beginning
   */
  TokenBucket(double perSecond, long most, LongSupplier nanos) {
    this.bucket =
        io.github.bucket4j.Bucket.builder()
            .withCustomTimePrecision(new Nanos(nanos))
            .addLimit(bandwidth(perSecond, most))
            .build();
  }

  private record Nanos(LongSupplier source) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return source.getAsLong();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }

  /** An amount in units, bounded by what can be counted. */
  static long units(long amount, long scale) {
    return amount > Long.MAX_VALUE / 4 / scale ? Long.MAX_VALUE / 4 : amount * scale;
  }

  /** A rate of zero never fills up; the library has none, so it is one in many years. */
  private static Bandwidth bandwidth(double perSecond, long most) {
    double seconds = perSecond >= MANY ? 1 : 1_000_000;
    return Bandwidth.builder()
        .capacity(Math.max(1, most))
        .refillGreedy(
            Math.max(1, Math.round(perSecond * seconds)), Duration.ofSeconds((long) seconds))
        .build();
  }

  /** Charges units if all of them are there. */
  boolean tryCharge(long units) {
    return bucket.tryConsume(units);
  }

  /** Charges units, whether they are there or not. */
  void charge(long units) {
    if (units > 0) {
      bucket.consumeIgnoringRateLimits(units);
    }
  }

  /** Gives units back, up to the most that there may be. */
  void refund(long units) {
    if (units > 0) {
      bucket.addTokens(units);
    }
  }

  /** Available units; negative for a debt. */
  long available() {
    return bucket.getAvailableTokens();
  }

  /** Nanoseconds until units are there; {@link Long#MAX_VALUE} for never. */
  long nanosUntil(long units) {
    return bucket.estimateAbilityToConsume(units).getNanosToWaitForRefill();
  }

  /** Changes the bounds; the part that is used remains used. */
  void reconfigure(double perSecond, long most) {
    bucket.replaceConfiguration(
        BucketConfiguration.builder().addLimit(bandwidth(perSecond, most)).build(),
        TokensInheritanceStrategy.PROPORTIONALLY);
  }
}
