package io.scopegate.authz.decision;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import java.time.InstantSource;

/**
 * Tokens that were rejected a moment ago in a way that may pass. The next rejection in a row is
 * believed.
 */
final class UnconfirmedRejections {
  /** Collectors come back after five seconds or so; a shorter time would never end the doubt. */
  private static final long SHORTEST_MILLIS = 10_000;

  private final Cache<TokenKey, Doubt> doubts;
  private final long millis;
  private final long heldMillis;
  private final InstantSource clock;

  UnconfirmedRejections(int maxEntries, long rejectedMillis, InstantSource clock) {
    // Maintenance on the calling thread: amortised, and no thread of its own.
    this.doubts = Caffeine.newBuilder().maximumSize(maxEntries).executor(Runnable::run).build();
    this.heldMillis = rejectedMillis;
    this.millis = Math.max(rejectedMillis, SHORTEST_MILLIS);
    this.clock = clock;
  }

  /**
   * Whether this is the first rejection; the next one within the time is not.
   *
   * @param held whether the token is not to be asked about before as much time has passed as a
   *     rejection is kept for
   */
  boolean isFirst(TokenKey key, boolean held) {
    long now = clock.millis();
    Doubt doubt = doubts.getIfPresent(key);
    // A clock that was set back must not make a doubt last.
    boolean first = doubt == null || !doubt.isIn(now, heldMillis + millis);
    // What is believed is kept as a no: the rejection after that is still in a row.
    long quietUntil = first && !held ? now : now + heldMillis;
    doubts.put(key, new Doubt(first ? quietUntil : now, quietUntil + millis));
    return first;
  }

  /** Whether there is no use in asking yet. */
  boolean isHeld(TokenKey key) {
    Doubt doubt = doubts.getIfPresent(key);
    long left = doubt == null ? 0 : doubt.heldUntil - clock.millis();
    return left > 0 && left <= heldMillis;
  }

  /** The token was accepted. */
  void end(TokenKey key) {
    doubts.invalidate(key);
  }

  /**
   * One doubt.
   *
   * @param heldUntil before that it is not asked again
   * @param until after that the next rejection is the first again
   */
  private record Doubt(long heldUntil, long until) {
    boolean isIn(long now, long longest) {
      return now < until && until <= now + longest;
    }
  }
}
