package io.scopegate.gateway.limit;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * This replica's view of a budget that all replicas share: what was left at the last exchange, plus
 * what has filled up since, less what was spent here since. What others spend meanwhile shows at
 * the next exchange, as a debt if need be. While there is no exchange it is a budget of its own
 * with a fair share of the rate.
 */
final class SharedBucket implements Bucket {
  private final String key;
  private final long scale;
  private final SharedBudgetSync exchanges;
  private final TokenBucket tokens;

  /** Units not yet reported to the store. */
  private final AtomicLong spent = new AtomicLong();

  /** Whether it takes part in the next exchange. */
  private final AtomicBoolean noted = new AtomicBoolean();

  private volatile Rate rate;

  /** Among how many replicas the rate is divided; 0 while the store answers. */
  private volatile int sharers;

  SharedBucket(String key, long scale, Rate rate, SharedBudgetSync exchanges, LongSupplier nanos) {
    this.key = key;
    this.scale = scale;
    this.rate = rate;
    this.exchanges = exchanges;
    this.tokens = new TokenBucket(rate.perSecond() * scale, units(rate.burst()), nanos);
  }

  private long units(long amount) {
    return TokenBucket.units(amount, scale);
  }

  /** The most units that it may hold at the moment. */
  private long most() {
    return Math.max(1, units(rate.burst()) / Math.max(1, sharers));
  }

  @Override
  public boolean tryCharge(long amount) {
    if (amount <= 0) {
      return true;
    }
    if (rate.isZero()) {
      return false;
    }
    note();
    long units = units(amount);
    if (!tokens.tryCharge(units) && !owe(units)) {
      return false;
    }
    spent.addAndGet(units);
    return true;
  }

  /** An amount that fits the budget but not this share is admitted when the share is full. */
  private boolean owe(long units) {
    long most = most();
    if (units <= most || units > units(rate.burst()) || tokens.available() < most) {
      return false;
    }
    tokens.charge(units);
    return true;
  }

  @Override
  public void charge(long amount) {
    if (amount > 0) {
      note();
      tokens.charge(units(amount));
      spent.addAndGet(units(amount));
    }
  }

  @Override
  public void refund(long amount) {
    if (amount > 0) {
      note();
      tokens.refund(units(amount));
      spent.addAndGet(-units(amount));
    }
  }

  @Override
  public long available() {
    if (rate.isZero()) {
      return 0;
    }
    note();
    long units = tokens.available();
    long whole = Math.floorDiv(units, scale);
    return whole > 0 || units < most()
        ? whole
        : 1; // a full share counts, even if it is less than one
  }

  @Override
  public long nanosUntil(long amount) {
    if (rate.isZero()) {
      return Long.MAX_VALUE;
    }
    long units = units(amount);
    return tokens.nanosUntil(units > units(rate.burst()) ? units : Math.min(units, most()));
  }

  @Override
  public boolean isFull() {
    return tokens.available() >= most();
  }

  @Override
  public synchronized void reconfigure(Rate next) {
    if (!next.equals(rate)) {
      rate = next;
      divide();
    }
  }

  @Override
  public Rate rate() {
    return rate;
  }

  private void divide() {
    tokens.reconfigure(rate.perSecond() * scale / Math.max(1, sharers), most());
  }

  // ---- the exchange

  /** Takes part in the next exchange, or goes on alone when there is none. */
  private void note() {
    int alone = exchanges.sharers();
    if (alone != 0 && sharers == 0) {
      goAlone(alone);
    }
    if (!noted.get() && noted.compareAndSet(false, true) && !exchanges.note(this)) {
      noted.set(false);
    }
  }

  private synchronized void goAlone(int among) {
    if (sharers == 0) {
      sharers = among;
      divide();
    }
  }

  /** How much of the share is used; at most that is reported for a time without exchanges. */
  private long used() {
    return Math.max(0, most() - tokens.available());
  }

  /**
   * A report to the store.
   *
   * @param told units that count as reported when the store has answered
   */
  record Statement(SharedBucket bucket, long told, SharedBudgetStore.Entry entry) {}

  /** The report to send now; later changes are reported the next time. */
  synchronized Statement state() {
    noted.set(false);
    long told = spent.get();
    long counted = sharers == 0 ? told : Math.min(told, used());
    return new Statement(
        this,
        told,
        new SharedBudgetStore.Entry(
            key, counted, rate.perSecond() * scale, Math.max(1, units(rate.burst()))));
  }

  /** The store has received the report and says what is left. */
  synchronized void learn(long told, long balance) {
    long rest = spent.addAndGet(-told);
    if (sharers != 0) {
      long counted = Math.min(rest, used());
      rest = spent.addAndGet(counted - rest);
      sharers = 0;
      divide();
    }
    long change = Math.min(balance, most()) - rest - tokens.available();
    tokens.refund(change);
    tokens.charge(-change);
  }

  /** The report may not have reached the store, so it is sent again. */
  void stateAgain() {
    note();
  }
}
