package io.scopegate.gateway.limit;

import java.util.function.LongSupplier;

/** Budgets in this process. They are lock-free: all event loops take from the same one. */
final class LocalBuckets implements Buckets {
  private final LongSupplier nanos;

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
    public boolean tryCharge(long amount) {
      return amount <= 0 || !rate.isZero() && tokens.tryCharge(units(amount));
    }

    @Override
    public void charge(long amount) {
      tokens.charge(units(amount));
    }

    @Override
    public void refund(long amount) {
      tokens.refund(units(amount));
    }

    @Override
    public long available() {
      return rate.isZero() ? 0 : Math.floorDiv(tokens.available(), scale);
    }

    @Override
    public long nanosUntil(long amount) {
      return rate.isZero() ? Long.MAX_VALUE : tokens.nanosUntil(units(amount));
    }

    @Override
    public boolean isFull() {
      return available() >= rate.burst();
    }

    @Override
    public void reconfigure(Rate next) {
      if (!next.equals(rate)) {
        tokens.reconfigure(next.perSecond() * scale, units(next.burst()));
        rate = next;
      }
    }

    @Override
    public Rate rate() {
      return rate;
    }
  }
}
