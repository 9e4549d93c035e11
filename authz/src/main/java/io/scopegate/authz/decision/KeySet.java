package io.scopegate.authz.decision;

import io.scopegate.authz.ReviewObserver;
import io.scopegate.authz.TokenCheck;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An issuer's keys, read every five minutes, and when a token names one that is not known: at most
 * once in ten seconds, whatever is sent. When that fails the previous keys stay in use. For any
 * thread.
 *
 * <p>A newly rotated key must not cause lost data. So a token whose key is not known is called
 * forged only when it was issued before the keys were last read; until then it is undecided.
 */
final class KeySet {
  private static final Logger LOG = LoggerFactory.getLogger(KeySet.class);
  private static final long REFRESH_MILLIS = Duration.ofMinutes(5).toMillis();
  private static final long RETRY_MILLIS = Duration.ofSeconds(30).toMillis();
  private static final long SPACING_MILLIS = Duration.ofSeconds(10).toMillis();

  /** Tokens that wait for keys which are being read. */
  static final int MAX_WAITING = 256;

  /** Limit for one client. */
  static final int MAX_WAITING_OF_ONE = 32;

  private final Vertx vertx;
  private final KeySource source;
  private final InstantSource clock;
  private final ReviewObserver observer;
  private final Runnable changed;
  private final SignatureChecks checks;
  private final UserShares<Object> waitingOf = new UserShares<>(MAX_WAITING_OF_ONE);
  private final AtomicInteger waiting = new AtomicInteger();
  private final SingleFlight<String, Boolean> flights = new SingleFlight<>();
  private final AtomicLong timer = new AtomicLong(-1);
  private final AtomicLong lastTriedMillis = new AtomicLong(Long.MIN_VALUE);
  private volatile @Nullable Known known;
  private volatile String problem = "they are being read";
  private volatile boolean failing;
  private volatile boolean closed;

  private record Known(IssuerKeys keys, long begunMillis) {}

  /** The result of a check. */
  enum Finding {
    /** One of them signed it. */
    SIGNED,
    /** None of them did. */
    FORGED,
    /** Not decidable now: the keys are not loaded, or there may be a new one. */
    UNDECIDED,
    /** Too many tokens wait to be verified. */
    BUSY
  }

  /**
   * Reads nothing yet; {@link #start()} does.
   *
   * @param changed called when they have changed
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
    this.checks = new SignatureChecks(clock);
  }

  /** Reads the keys now and from time to time, until {@link #close()}. */
  Future<Boolean> start() {
    observer.keys(source.name(), 0);
    return refresh();
  }

  void close() {
    closed = true;
    vertx.cancelTimer(timer.getAndSet(-1));
    checks.close();
  }

  /** Whether there are keys at all. */
  boolean isKnown() {
    return known != null;
  }

  /** Where they come from, as in the log. */
  String name() {
    return source.name();
  }

  /** Why a token is undecided, in words for its sender. */
  String words() {
    return isKnown()
        ? "the key that the token names is not known yet"
        : TokenCheck.UNDECIDED.words();
  }

  /** Why a token was not found to be signed, in words for the operator. */
  String cause(Jws jws) {
    Known now = known;
    if (now == null) {
      return "the keys of " + name() + " are not known: " + problem;
    }
    if (now.keys.names(jws)) {
      return "the key with " + TokenCause.kid(jws) + " of " + name() + " has not signed it";
    }
    return (jws.kid().isEmpty() ? "signed by none" : TokenCause.kid(jws) + " is none")
        + " of the keys of "
        + name()
        + " ("
        + now.keys.size()
        + " known, read at "
        + Instant.ofEpochMilli(now.begunMillis)
        + ")";
  }

  /** The issuer whose keys these are; null while they are not known. */
  @Nullable String issuer() {
    Known now = known;
    return now == null ? null : now.keys.issuer();
  }

  /**
   * Looks whether a token is signed, and reads the keys again when that may help and is due.
   *
   * @param client who sent the token, to be fair between them: anything that is equal for one
   * @return never fails; completes on the caller's event loop
   */
  Future<Finding> check(Jws jws, Object client) {
    return look(jws, client)
        .compose(finding ->
            finding == Finding.UNDECIDED && (isDue() || flights.size() > 0)
                ? afterReading(jws, client)
                : Future.succeededFuture(finding));
  }

  /**
   * Clients can name keys that do not exist, so few tokens wait for each reading, and few per
   * client.
   */
  private Future<Finding> afterReading(Jws jws, Object client) {
    if (!waitingOf.take(client)) {
      return Future.succeededFuture(Finding.UNDECIDED);
    }
    if (waiting.incrementAndGet() > MAX_WAITING) {
      goOn(client);
      return Future.succeededFuture(Finding.UNDECIDED);
    }
    return refresh(this::fetchIfDue)
        .onComplete(read -> goOn(client))
        .compose(read -> look(jws, client));
  }

  private void goOn(Object client) {
    waiting.decrementAndGet();
    waitingOf.giveBack(client);
  }

  /** Where no key could have signed it there is nothing to verify. */
  private Future<Finding> look(Jws jws, Object client) {
    Known now = known;
    return now == null || !now.keys.mayHaveSigned(jws)
        ? Future.succeededFuture(find(jws))
        : checks.check(jws, client, () -> find(jws));
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
    return issued < begunMillis - TokenTimes.LEEWAY_MILLIS
        || issued > clock.millis() + TokenTimes.LEEWAY_MILLIS;
  }

  private boolean isDue() {
    long since = clock.millis() - lastTriedMillis.get();
    return since >= SPACING_MILLIS || since < 0;
  }

  /** Reads the keys again, or waits for a reading in progress. */
  Future<Boolean> refresh() {
    return refresh(this::fetch);
  }

  private Future<Boolean> refresh(Supplier<Future<Boolean>> how) {
    return closed ? Future.succeededFuture(false) : flights.join(source.name(), how);
  }

  /** A reading may have ended just before this one was to join it. */
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
      LOG.info("{}: loaded {}", source.name(), signingKeys(next));
    }
    failing = false;
    observer.keys(source.name(), next.keys.size());
    if (before != null && !before.keys.sameAs(next.keys)) {
      LOG.info("{}: the keys have changed; loaded {}", source.name(), signingKeys(next));
      changed.run();
    }
    return true;
  }

  private static String signingKeys(Known loaded) {
    int size = loaded.keys.size();
    return size + (size == 1 ? " signing key" : " signing keys");
  }

  private boolean failed(Throwable e) {
    problem = String.valueOf(e.getMessage());
    boolean refused = e instanceof KeysMissing missing && missing.refused();
    if (refused && known != null) {
      known = null;
      changed.run();
    }
    if (!failing && e instanceof KeysMissing missing && missing.logged() && known == null) {
      LOG.debug("{}: {}", source.name(), e.getMessage());
    } else if (!failing) {
      LOG.warn(
          "{}: {}; {}",
          source.name(),
          e.getMessage(),
          isKnown()
              ? "keeping the previous keys"
              : "until the keys are known, tokens are not verified locally");
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
