package io.scopegate.authz.decision;

import io.scopegate.authz.ReviewObserver;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An issuer's keys, read anew every five minutes, and when a token names one that is not known: at
 * most once in ten seconds, whatever is sent. When that fails the keys before serve on. For any
 * thread.
 *
 * <p>A key that has just been rotated in must not cost anybody data. So a token whose key is not
 * known is called forged only when it was issued before the keys were last read; until then it is
 * undecided.
 */
final class KeySet {
  private static final Logger LOG = LoggerFactory.getLogger(KeySet.class);
  private static final long REFRESH_MILLIS = Duration.ofMinutes(5).toMillis();
  private static final long RETRY_MILLIS = Duration.ofSeconds(30).toMillis();
  private static final long SPACING_MILLIS = Duration.ofSeconds(10).toMillis();

  /** Tokens that wait for a dear verification. */
  private static final int MAX_WAITING = 256;

  /** How far the issuer's clock may be off. */
  private static final long SKEW_MILLIS = 5_000;

  private final Vertx vertx;
  private final KeySource source;
  private final InstantSource clock;
  private final ReviewObserver observer;
  private final Runnable changed;
  private final ThreadPoolExecutor dear = oneThread();
  private final SingleFlight<String, Boolean> flights = new SingleFlight<>();
  private final AtomicLong timer = new AtomicLong(-1);
  private final AtomicLong lastTriedMillis = new AtomicLong(Long.MIN_VALUE);
  private volatile @Nullable Known known;
  private volatile boolean failing;
  private volatile boolean closed;

  private record Known(IssuerKeys keys, long begunMillis) {}

  /** What the keys say. */
  enum Finding {
    /** One of them signed it. */
    SIGNED,
    /** None of them did. */
    FORGED,
    /** It cannot be told now. */
    UNDECIDED
  }

  /**
   * Keys that are not read yet: see {@link #start()}.
   *
   * @param changed called when they are others than before
   */
  KeySet(
      Vertx vertx,
      KeySource source,
      InstantSource clock,
      ReviewObserver observer,
      Runnable changed) {
    this.vertx = vertx;
    this.source = source;
    this.clock = clock;
    this.observer = observer;
    this.changed = changed;
  }

  /** Reads the keys now and from time to time, until {@link #close()}. */
  Future<Boolean> start() {
    observer.keys(source.name(), 0);
    return refresh();
  }

  void close() {
    closed = true;
    vertx.cancelTimer(timer.getAndSet(-1));
    dear.shutdown();
  }

  /** Whether there are keys at all. */
  boolean isKnown() {
    return known != null;
  }

  /** The issuer whose keys these are; null while they are not known. */
  @Nullable String issuer() {
    Known now = known;
    return now == null ? null : now.keys.issuer();
  }

  /**
   * Looks whether a token is signed, and reads the keys anew when that may help and is due.
   *
   * @return never fails; completes on the caller's event loop
   */
  Future<Finding> check(Jws jws) {
    return look(jws)
        .compose(finding ->
            finding == Finding.UNDECIDED && (isDue() || flights.size() > 0)
                ? refresh(this::fetchIfDue).compose(read -> look(jws))
                : Future.succeededFuture(finding));
  }

  /** Dear verifications wait for a thread of their own; what finds no place there is undecided. */
  private Future<Finding> look(Jws jws) {
    if (!jws.algorithm().isDear()) {
      return Future.succeededFuture(find(jws));
    }
    Executor home = CallerLoop.current();
    Promise<Finding> finding = Promise.promise();
    try {
      dear.execute(() -> {
        Finding found = find(jws);
        home.execute(() -> finding.complete(found));
      });
    } catch (RejectedExecutionException e) {
      return Future.succeededFuture(Finding.UNDECIDED);
    }
    return finding.future();
  }

  private static ThreadPoolExecutor oneThread() {
    ThreadPoolExecutor one =
        new ThreadPoolExecutor(
            1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), KeySet::thread);
    one.allowCoreThreadTimeOut(true);
    return one;
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "scopegate-verify");
    thread.setDaemon(true);
    return thread;
  }

  private Finding find(Jws jws) {
    Known now = known;
    if (now == null) {
      return Finding.UNDECIDED;
    }
    if (now.keys.signed(jws)) {
      return Finding.SIGNED;
    }
    return now.keys.names(jws) || issuedBefore(jws, now.begunMillis)
        ? Finding.FORGED
        : Finding.UNDECIDED;
  }

  /** Whether a key that signed it would have been among those that were read. */
  private boolean issuedBefore(Jws jws, long begunMillis) {
    long issued = jws.issuedMillis();
    if (issued < 0) {
      return begunMillis > clock.millis() - SPACING_MILLIS;
    }
    return issued < begunMillis - SKEW_MILLIS || issued > clock.millis() + SKEW_MILLIS;
  }

  private boolean isDue() {
    long since = clock.millis() - lastTriedMillis.get();
    return since >= SPACING_MILLIS || since < 0;
  }

  /** Reads the keys anew, or joins whoever does. */
  Future<Boolean> refresh() {
    return refresh(this::fetch);
  }

  private Future<Boolean> refresh(Supplier<Future<Boolean>> how) {
    return closed ? Future.succeededFuture(false) : flights.join(source.name(), how);
  }

  /** Whoever wanted to join may have come when it had just ended. */
  private Future<Boolean> fetchIfDue() {
    return isDue() ? fetch() : Future.succeededFuture(false);
  }

  private Future<Boolean> fetch() {
    long begun = clock.millis();
    lastTriedMillis.set(begun);
    return source
        .fetch()
        .map(keys -> take(new Known(keys, begun)))
        .recover(e -> Future.succeededFuture(failed(e)))
        .andThen(done -> again(known != null && !failing ? REFRESH_MILLIS : RETRY_MILLIS));
  }

  private boolean take(Known next) {
    Known before = known;
    known = next;
    if (failing || before == null) {
      LOG.info("{}: {} keys are known", source.name(), next.keys.size());
    }
    failing = false;
    observer.keys(source.name(), next.keys.size());
    if (before != null && !before.keys.sameAs(next.keys)) {
      LOG.info("{}: the keys have changed, {} are known", source.name(), next.keys.size());
      changed.run();
    }
    return true;
  }

  private boolean failed(Throwable e) {
    boolean refused = e instanceof KeysMissing missing && missing.refused();
    if (refused && known != null) {
      known = null;
      changed.run();
    }
    if (!failing) {
      LOG.warn(
          "{}: {}; {}",
          source.name(),
          e.getMessage(),
          isKnown() ? "the keys read before stay in use" : "without them nothing is checked here");
    }
    failing = true;
    Known now = known;
    observer.keys(source.name(), now == null ? 0 : now.keys.size());
    return false;
  }

  private void again(long millis) {
    if (!closed) {
      vertx.cancelTimer(timer.getAndSet(vertx.setTimer(millis, due -> refresh())));
    }
  }
}
