package io.scopegate.gateway.limit;

import java.util.function.LongSupplier;

/** Budgets in this process. They are lock-free: all event loops take from the same one. */
final class LocalBuckets implements Buckets {
  private final LongSupplier nanos;

  /** By this clock, in nanoseconds. */
  LocalBuckets(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Override
  public Bucket bucket(String owner, LimitKind kind, Rate rate) {
    return new Local(kind.scale(), rate, nanos);
  }

  private static final class Local implements Bucket {
    private final long scale;
    private final TokenBucket tokens;
    private volatile Rate rate;

    Local(long scale, Rate rate, LongSupplier nanos) {
      this.scale = scale;
      this.rate = rate;
      this.tokens = new TokenBucket(rate.perSecond() * scale, units(rate.burst()), nanos);
    }

    private long units(long amount) {
      return TokenBucket.units(amount, scale);
    }

    @Override
    public boolean take(long amount) {
      return amount <= 0 || !rate.isNought() && tokens.take(units(amount));
    }

    @Override
    public void settle(long amount) {
      tokens.settle(units(amount));
    }

    @Override
    public void putBack(long amount) {
      tokens.putBack(units(amount));
    }

    @Override
    public long available() {
      return rate.isNought() ? 0 : Math.floorDiv(tokens.available(), scale);
    }

    @Override
    public long nanosUntil(long amount) {
      return rate.isNought() ? Long.MAX_VALUE : tokens.nanosUntil(units(amount));
    }

    @Override
    public boolean isFull() {
      return available() >= rate.burst();
    }

    @Override
    public void become(Rate next) {
      if (!next.equals(rate)) {
        tokens.become(next.perSecond() * scale, units(next.burst()));
        rate = next;
      }
    }

    @Override
    public Rate rate() {
      return rate;
    }
  }
}
