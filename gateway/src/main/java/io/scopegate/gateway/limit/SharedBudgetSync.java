package io.scopegate.gateway.limit;

import io.scopegate.config.Printable;
import io.scopegate.gateway.telemetry.StoreMeters;
import io.vertx.core.AsyncResult;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Budgets that all replicas share. Ten times a second, the used ones are reported to the store,
 * which says what is left; no request waits for it. When the store does not answer in time, each
 * replica goes on with its fair share until it does. {@link #tick} and all that follows from it run
 * on one thread; everything else is for any thread.
 */
final class SharedBudgetSync implements Buckets {
  private static final Logger LOG = LoggerFactory.getLogger(SharedBudgetSync.class);

  /** The time between two exchanges. */
  static final long TICK_NANOS = 100_000_000L;

  /** A store that takes longer counts as down. */
  static final long SLOW_NANOS = 200_000_000L;

  /** A connection that is silent for longer is given up. */
  static final long HUNG_NANOS = 5_000_000_000L;

  /** How often a replica without budgets to exchange shows that it is alive. */
  static final long QUIET_NANOS = 1_000_000_000L;

  /** The longest time between two attempts to reach a store that is down. */
  static final long LONGEST_PAUSE_NANOS = 2_000_000_000L;

  /** Budgets in one exchange: Redis serves nobody else meanwhile. */
  static final int MOST_AT_ONCE = 256;

  /** Budgets that wait for an exchange: four each of the most tenants. */
  private static final int MOST_WAITING = 400_000;

  private static final long SAID_NANOS = 10_000_000_000L;
  private static final int LONGEST_CAUSE = 200;

  private final SharedBudgetStore ledger;
  private final Executor thread;
  private final LongSupplier nanos;
  private final StoreMeters meters;
  private final Queue<SharedBucket> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingCount = new AtomicInteger();

  /**
   * Among how many replicas limits are divided; 0 while the store answers, 1 before the first
   * answer.
   */
  private volatile int sharers = 1;

  // ---- of the one thread
  private int replicas = 1;
  private @Nullable Round round;
  private long nextNanos;
  private long pauseNanos = TICK_NANOS;
  private long saidNanos;
  private boolean said;

  private record Round(long beganNanos, List<SharedBucket.Statement> statements) {}

  /**
   * Nothing happens before the first tick.
   *
   * @param thread runs one thing at a time, ticks among them
   * @param nanos the time in nanoseconds, from any beginning
   */
  SharedBudgetSync(
      SharedBudgetStore ledger, Executor thread, LongSupplier nanos, StoreMeters meters) {
    this.ledger = ledger;
    this.thread = thread;
    this.nanos = nanos;
    this.meters = meters;
    this.nextNanos = nanos.getAsLong();
  }

  @Override
  public Bucket bucket(String owner, LimitKind kind, Rate rate) {
    return new SharedBucket(kind.label() + ":" + owner, kind.scale(), rate, this, nanos);
  }

  /** Among how many replicas limits are divided without the store; 0 while it answers. */
  int sharers() {
    return sharers;
  }

  /** Has a bucket in the next exchange; false when too many wait already. */
  boolean note(SharedBucket bucket) {
    if (waitingCount.get() >= MOST_WAITING) {
      return false;
    }
    waitingCount.incrementAndGet();
    waiting.add(bucket);
    return true;
  }

  // ---- the one thread

  /** Does what is due. */
  void tick() {
    long now = nanos.getAsLong();
    Round under = round;
    if (under != null) {
      watch(now - under.beganNanos());
    } else if (sharers != 0) {
      if (now - nextNanos >= 0) {
        begin(now, List.of()); // nothing is said twice to an account that may not be there
      }
    } else if (!waiting.isEmpty() || now - nextNanos >= 0) {
      begin(now, statements());
    }
  }

  private List<SharedBucket.Statement> statements() {
    List<SharedBucket.Statement> statements = new ArrayList<>();
    SharedBucket next;
    while (statements.size() < MOST_AT_ONCE && (next = waiting.poll()) != null) {
      waitingCount.decrementAndGet();
      statements.add(next.state());
    }
    return statements;
  }

  private void begin(long now, List<SharedBucket.Statement> statements) {
    Round next = new Round(now, statements);
    round = next;
    ledger
        .exchange(statements.stream().map(SharedBucket.Statement::entry).toList())
        .onComplete(answer -> thread.execute(() -> ended(next, answer)));
  }

  private void watch(long lasts) {
    if (lasts >= SLOW_NANOS && sharers == 0) {
      lose("no answer within " + SLOW_NANOS / 1_000_000 + " ms");
    }
    if (lasts >= HUNG_NANOS) {
      ledger.drop();
    }
  }

  private void ended(Round ended, AsyncResult<SharedBudgetStore.Answer> result) {
    if (round != ended) {
      return;
    }
    round = null;
    long now = nanos.getAsLong();
    boolean good =
        result.succeeded() && result.result().balances().size() == ended.statements().size();
    meters.exchanged(now - ended.beganNanos(), good);
    if (good) {
      learn(ended, result.result(), now);
    } else {
      fail(ended, result.failed() ? result.cause() : null, now);
    }
  }

  private void learn(Round ended, SharedBudgetStore.Answer answer, long now) {
    replicas = Math.min(Math.max(1, answer.replicas()), SharedBudgetStore.MOST_REPLICAS);
    nextNanos = now + QUIET_NANOS;
    pauseNanos = TICK_NANOS;
    if (sharers != 0) {
      sharers = 0;
      if (said) {
        LOG.info("limits.store: answers again; {} replicas share the limits", replicas);
      }
      said = false;
    }
    meters.became(true, replicas);
    for (int i = 0; i < ended.statements().size(); i++) {
      SharedBucket.Statement statement = ended.statements().get(i);
      statement.bucket().learn(statement.told(), answer.balances().get(i));
    }
    if (ended.statements().size() == MOST_AT_ONCE) {
      thread.execute(this::tick); // there are more than one exchange holds
    }
  }

  private void fail(Round ended, @Nullable Throwable cause, long now) {
    lose(text(cause));
    ended.statements().forEach(statement -> statement.bucket().stateAgain());
    nextNanos = now + pauseNanos;
    pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
  }

  private void lose(String cause) {
    if (sharers == 0) {
      sharers = replicas;
    }
    meters.became(false, replicas);
    long now = nanos.getAsLong();
    if (!said && (saidNanos == 0 || now - saidNanos >= SAID_NANOS)) {
      said = true;
      saidNanos = now;
      LOG.warn(
          "limits.store: {}: {}; applying 1/{} of each limit here until it answers",
          ledger.place(),
          cause,
          replicas);
    }
  }

  /** What went wrong, on one line: it may be a server's own words. */
  private static String text(@Nullable Throwable cause) {
    if (cause == null) {
      return "unexpected answer of the script";
    }
    Throwable deepest = cause;
    while (deepest.getCause() != null && deepest.getCause() != deepest) {
      deepest = deepest.getCause();
    }
    String text = Printable.onOneLine("" + deepest.getMessage());
    if (deepest instanceof ConnectException && text.contains("refused")) {
      return "the connection is refused, so nothing listens there";
    }
    if (deepest instanceof UnknownHostException) {
      return "the name does not resolve";
    }
    return text.substring(0, Math.min(text.length(), LONGEST_CAUSE));
  }
}
