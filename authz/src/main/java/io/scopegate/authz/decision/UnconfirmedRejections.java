package io.scopegate.authz.decision;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import java.time.InstantSource;

/**
 * Tokens that were rejected in a way that may pass. The next rejection in a row is believed,
 * however long after the first it comes: a client that asks every minute must be told as well.
 */
final class UnconfirmedRejections {
  /** Until when it is not asked again; in milliseconds since the epoch. */
  private final Cache<TokenKey, Long> heldUntil;

  private final long heldMillis;
  private final InstantSource clock;

  UnconfirmedRejections(int maxEntries, long rejectedMillis, InstantSource clock) {
    // Maintenance on the calling thread: amortised, and no thread of its own.
    this.heldUntil = Caffeine.newBuilder().maximumSize(maxEntries).executor(Runnable::run).build();
    this.heldMillis = rejectedMillis;
    this.clock = clock;
  }

  /**
   * Whether this is the first rejection since the token was accepted, or the first at all.
   *
   * @param held whether the token is not to be asked about before as much time has passed as a
   *     rejection is kept for
   */
  boolean isFirst(TokenKey key, boolean held) {
    long now = clock.millis();
    boolean first = heldUntil.getIfPresent(key) == null;
    heldUntil.put(key, first && held ? now + heldMillis : now);
    return first;
  }

  /** Whether there is no use in asking yet. */
  boolean isHeld(TokenKey key) {
    Long until = heldUntil.getIfPresent(key);
    long left = until == null ? 0 : until - clock.millis();
    // More than that is left only when the clock was set back.
    return left > 0 && left <= heldMillis;
  }

  /** The token was accepted. */
  void end(TokenKey key) {
    heldUntil.invalidate(key);
  }
}
