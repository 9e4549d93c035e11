package io.scopegate.authz.decision;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.scopegate.authz.decision.KeySet.Finding;
import io.scopegate.authz.http.HttpThreads;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies signatures of one issuer's tokens on a thread of its own, since each costs some tens to
 * hundreds of microseconds and anybody can send forged ones.
 *
 * <ul>
 *   <li>The queue is bounded. What finds no place is {@link Finding#BUSY} at once.
 *   <li>Clients take turns, so that a flood from one delays the others by one verification each.
 *   <li>A user whose token was verified before, from the same client, has a turn apart from that
 *       client's others: a token that was rotated does not queue behind a neighbour's forgeries.
 *   <li>Who sent a forged token within the last ten seconds gets one turn in four while others
 *       wait, and is the first to lose a place.
 * </ul>
 *
 * <p>For any thread.
 */
final class SignatureChecks {
  /** Limit of all waiting tokens: a few kilobytes each, and some 50 ms of work. */
  static final int MAX_WAITING = 512;

  /** Limit for one client. */
  static final int MAX_OF_ONE = 128;

  private static final int TURNS_OF_FORGERS = 4;
  private static final int MAX_REMEMBERED = 10_000;
  private static final int MAX_SUBJECT_LENGTH = 256;
  private static final Duration FORGER = Duration.ofSeconds(10);
  private static final Duration VERIFIED = Duration.ofHours(1);

  private final ExecutorService thread = HttpThreads.create("scopegate-verify", 1);
  private final Cache<Object, Boolean> forgers;
  private final Cache<Sender, Boolean> verified;

  // Guarded by this.
  private final FairQueue<Check> others = new FairQueue<>(MAX_OF_ONE);
  private final FairQueue<Check> suspects = new FairQueue<>(MAX_OF_ONE);
  private int turn;
  private boolean working;
  private boolean closed;

  /** Who sent it: a client, and which of its users when that one is known. */
  private record Sender(Object client, String subject) {}

  private record Check(
      Sender sender, Sender user, Supplier<Finding> how, Executor home, Promise<Finding> found) {
    void end(Finding finding) {
      home.execute(() -> found.tryComplete(finding));
    }
  }

  SignatureChecks(InstantSource clock) {
    Ticker ticker = () -> clock.millis() * 1_000_000;
    this.forgers = remembered(FORGER, ticker);
    this.verified = remembered(VERIFIED, ticker);
  }

  private static <K> Cache<K, Boolean> remembered(Duration time, Ticker ticker) {
    return Caffeine.newBuilder()
        .maximumSize(MAX_REMEMBERED)
        .expireAfterWrite(time)
        .ticker(ticker)
        .executor(Runnable::run)
        .build();
  }

  /**
   * Verifies when it is its turn.
   *
   * @param client who sent the token
   * @param how the verification itself
   * @return completes on the caller's event loop; never fails
   */
  Future<Finding> check(Jws jws, Object client, Supplier<Finding> how) {
    Sender user = new Sender(client, subject(jws));
    Sender sender = verified.getIfPresent(user) == null ? new Sender(client, "") : user;
    Check check = new Check(sender, user, how, CallerLoop.current(), Promise.promise());
    Check shed = offer(check);
    if (shed == check) {
      return Future.succeededFuture(Finding.BUSY);
    }
    if (shed != null) {
      shed.end(Finding.BUSY);
    }
    return check.found.future();
  }

  private static String subject(Jws jws) {
    return jws.claim("sub") instanceof String subject && subject.length() <= MAX_SUBJECT_LENGTH
        ? subject
        : "";
  }

  /** Returns what does not fit: the new one, an older one instead, or null. */
  private synchronized @Nullable Check offer(Check check) {
    FairQueue<Check> queue = forgers.getIfPresent(check.sender) == null ? others : suspects;
    if (closed || !queue.offer(check.sender, check)) {
      return check;
    }
    if (!working) {
      working = true;
      thread.execute(this::work);
    }
    if (others.size() + suspects.size() <= MAX_WAITING) {
      return null;
    }
    return suspects.size() > 0 ? suspects.shed() : others.shed();
  }

  private void work() {
    for (Check check = next(); check != null; check = next()) {
      Finding finding;
      try {
        finding = check.how.get();
      } catch (RuntimeException e) {
        finding = Finding.UNDECIDED; // a defect must not end the work of all
      }
      remember(check, finding);
      check.end(finding);
    }
  }

  private synchronized @Nullable Check next() {
    turn = (turn + 1) % TURNS_OF_FORGERS;
    Check check = turn == 0 ? suspects.poll() : others.poll();
    if (check == null) {
      check = turn == 0 ? others.poll() : suspects.poll();
    }
    working = check != null;
    return check;
  }

  private void remember(Check check, Finding finding) {
    if (finding == Finding.SIGNED) {
      if (!check.user.subject.isEmpty()) {
        verified.put(check.user, true);
      }
    } else if (finding == Finding.FORGED) {
      forgers.put(check.sender, true);
    }
  }

  /** How many wait. */
  synchronized int waiting() {
    return others.size() + suspects.size();
  }

  /** Stops verifying. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    thread.shutdown();
  }
}
