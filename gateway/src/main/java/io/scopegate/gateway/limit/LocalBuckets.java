package io.scopegate.gateway.limit;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.local.LocalBucket;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Budgets in this process. They are lock-free: all event loops take from the same one. */
final class LocalBuckets implements Buckets {
  private static final double MANY = 1_000;

  private final TimeMeter clock;

  /** By this clock, in nanoseconds. */
  LocalBuckets(LongSupplier nanos) {
    this.clock = new Nanos(nanos);
  }

  @Override
  public Bucket bucket(String owner, LimitKind kind, Rate rate) {
    return new Local(kind.scale(), rate, clock);
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

  private static final class Local implements Bucket {
    private final long scale;
    private final LocalBucket bucket;
    private volatile Rate rate;

    Local(long scale, Rate rate, TimeMeter clock) {
      this.scale = scale;
      this.rate = rate;
      this.bucket =
          io.github.bucket4j.Bucket.builder()
              .withCustomTimePrecision(clock)
              .addLimit(bandwidth(scale, rate))
              .build();
    }

    /** A rate of nought never fills up; the library has none, so it is one in many years. */
    private static Bandwidth bandwidth(long scale, Rate rate) {
      double units = rate.perSecond() * scale;
      double seconds = units >= MANY ? 1 : 1_000_000;
      return Bandwidth.builder()
          .capacity(Math.max(1, scaled(rate.burst(), scale)))
          .refillGreedy(
              Math.max(1, Math.round(units * seconds)), Duration.ofSeconds((long) seconds))
          .build();
    }

    private static long scaled(long amount, long scale) {
      return amount > Long.MAX_VALUE / 4 / scale ? Long.MAX_VALUE / 4 : amount * scale;
    }

    @Override
    public boolean take(long amount) {
      return amount <= 0 || !rate.isNought() && bucket.tryConsume(scaled(amount, scale));
    }

    @Override
    public void settle(long amount) {
      if (amount > 0) {
        bucket.consumeIgnoringRateLimits(scaled(amount, scale));
      }
    }

    @Override
    public void putBack(long amount) {
      if (amount > 0) {
        bucket.addTokens(scaled(amount, scale));
      }
    }

    @Override
    public long available() {
      return rate.isNought() ? 0 : Math.floorDiv(bucket.getAvailableTokens(), scale);
    }

    @Override
    public long nanosUntil(long amount) {
      return rate.isNought()
          ? Long.MAX_VALUE
          : bucket.estimateAbilityToConsume(scaled(amount, scale)).getNanosToWaitForRefill();
    }

    @Override
    public boolean isFull() {
      return available() >= rate.burst();
    }

    @Override
    public void become(Rate next) {
      if (!next.equals(rate)) {
        bucket.replaceConfiguration(
            BucketConfiguration.builder().addLimit(bandwidth(scale, next)).build(),
            TokensInheritanceStrategy.PROPORTIONALLY);
        rate = next;
      }
    }

    @Override
    public Rate rate() {
      return rate;
    }
  }
}
