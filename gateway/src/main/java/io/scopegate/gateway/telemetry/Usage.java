package io.scopegate.gateway.telemetry;

import org.jspecify.annotations.Nullable;

/**
 * What tenants use, interval by interval. {@link #finished} is on every request's way and for any
 * thread; everything else may wait for the log, and is not for an event loop.
 */
public final class Usage {
  private UsageConfig config = UsageConfig.OFF;
  private @Nullable UsageLog log;
  private @Nullable LogRecords records;
  private long fromMillis;
  private volatile boolean enabled;

  /** The interval that goes on; null while there are no records. */
  private volatile @Nullable UsageLedger ledger;

  Usage() {}

  /** Records are written there. */
  synchronized void writeTo(UsageLog to) {
    log = to;
    restart();
  }

  /** Records are sent there as well; null: nowhere. */
  synchronized void sendTo(@Nullable LogRecords to) {
    records = to;
  }

  /** Goes by this from now on; an interval that goes on ends. */
  public synchronized void reconfigure(UsageConfig next) {
    enabled = next.enabled();
    if (next.intervalMillis() != config.intervalMillis()) {
      end();
      config = next;
      restart();
    }
  }

  private void restart() {
    UsageLog to = log;
    if (to == null || config.intervalMillis() == 0) {
      ledger = null;
    } else {
      fromMillis = to.nowMillis();
      ledger = new UsageLedger(UsageLedger.MOST_ACCOUNTS);
    }
  }

  /** Whether it is measured what tenants use. */
  boolean isEnabled() {
    return enabled;
  }

  /** A request of a tenant's has ended. */
  void finished(RequestRecord t, Outcome outcome) {
    UsageLedger now = ledger;
    while (now != null && !now.add(t, outcome)) {
      now = ledger; // the interval has just ended
    }
  }

  /** Writes the records of an interval that is over; called about once a second. */
  public synchronized void tick() {
    UsageLog to = log;
    long interval = config.intervalMillis();
    if (to == null || ledger == null || interval == 0) {
      return;
    }
    long now = to.nowMillis();
    if (Math.floorDiv(now, interval) != Math.floorDiv(fromMillis, interval)) {
      write(to, now, new UsageLedger(UsageLedger.MOST_ACCOUNTS));
    }
  }

  /** Writes the records of the interval that goes on, and begins no other. */
  public synchronized void end() {
    UsageLog to = log;
    if (to != null) {
      write(to, to.nowMillis(), null);
    }
  }

  private void send(Iterable<UsageAccount> accounts, UsageLine.Interval interval) {
    LogRecords to = records;
    if (to != null) {
      for (UsageAccount account : accounts) {
        to.usage(UsageLine.of(account, interval, LogConfig.Format.JSON), interval.toMillis());
      }
    }
  }

  private void write(UsageLog to, long nowMillis, @Nullable UsageLedger next) {
    UsageLedger over = ledger;
    ledger = next;
    if (over != null) {
      Iterable<UsageAccount> accounts = over.close();
      UsageLine.Interval interval = new UsageLine.Interval(fromMillis, nowMillis);
      to.write(accounts, interval);
      send(accounts, interval);
    }
    fromMillis = nowMillis;
  }
}
