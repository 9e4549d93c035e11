package io.scopegate.gateway.limit;

import io.scopegate.config.Secret;
import io.scopegate.gateway.telemetry.Telemetry;
import java.io.IOException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Where the budgets of tenants are kept, from the start of the process to its end. */
public final class LimitStore implements AutoCloseable {
  private final Buckets buckets;
  private final @Nullable SharedBudgetStore ledger;
  private final @Nullable ScheduledThreadPoolExecutor thread;

  private LimitStore(
      Buckets buckets,
      @Nullable SharedBudgetStore ledger,
      @Nullable ScheduledThreadPoolExecutor thread) {
    this.buckets = buckets;
    this.ledger = ledger;
    this.thread = thread;
  }

  /**
   * Opens it without waiting: a store that is not there yet is treated as down.
   *
   * @param config a valid one
   * @param nanos the time in nanoseconds, from any beginning
   */
  public static LimitStore open(StoreConfig config, Telemetry telemetry, LongSupplier nanos) {
    if (config.type() == StoreConfig.Type.LOCAL) {
      return new LimitStore(new LocalBuckets(nanos), null, null);
    }
    SharedBudgetStore ledger = new RedisBudgetStore(config);
    ScheduledThreadPoolExecutor thread = thread();
    SharedBudgetSync exchanges =
        new SharedBudgetSync(ledger, thread, nanos, telemetry.limitStore());
    thread.scheduleWithFixedDelay(
        exchanges::tick, 0, SharedBudgetSync.TICK_NANOS, TimeUnit.NANOSECONDS);
    return new LimitStore(exchanges, ledger, thread);
  }

  /** Whether a store's URL is one of Redis that can be used as configured. */
  public static boolean accepts(StoreConfig config) {
    Secret url = config.url();
    return url != null && RedisUrl.accepts(config, url);
  }

  /**
   * Asks the store once whether it answers and runs scripts. It blocks for some seconds at most.
   *
   * @param config of a store that replicas share
   * @return where it is, without the password
   * @throws IOException saying where it is; its causes say what is wrong
   */
  public static String ping(StoreConfig config) throws IOException {
    return RedisBudgetStore.ping(config);
  }

  /** What completes after the end is of no interest. */
  private static ScheduledThreadPoolExecutor thread() {
    return new ScheduledThreadPoolExecutor(
        1,
        task -> {
          Thread thread = new Thread(task, "scopegate-limits");
          thread.setDaemon(true);
          return thread;
        },
        new ThreadPoolExecutor.DiscardPolicy());
  }

  Buckets buckets() {
    return buckets;
  }

  @Override
  public void close() {
    if (thread != null) {
      thread.shutdownNow();
    }
    if (ledger != null) {
      ledger.close();
    }
  }
}
