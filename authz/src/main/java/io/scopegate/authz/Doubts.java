package io.scopegate.authz;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.scopegate.authz.TokenKeys.TokenKey;
import java.time.InstantSource;

/**
 * Tokens that were rejected a moment ago in a way that may pass. The next rejection in a row is
 * believed.
 */
final class Doubts {
  /** Collectors come back after five seconds or so; a shorter time would never end the doubt. */
  private static final long SHORTEST_MILLIS = 10_000;

  private final Cache<TokenKey, Long> untilMillis;
  private final long millis;
  private final InstantSource clock;

  Doubts(int maxEntries, long rejectedMillis, InstantSource clock) {
    // Maintenance on the calling thread: amortised, and no thread of its own.
    this.untilMillis =
        Caffeine.newBuilder().maximumSize(maxEntries).executor(Runnable::run).build();
    this.millis = Math.max(rejectedMillis, SHORTEST_MILLIS);
    this.clock = clock;
  }

  /** Whether this is the first rejection; the next one within the time is not. */
  boolean isFirst(TokenKey key) {
    long now = clock.millis();
    Long until = untilMillis.getIfPresent(key);
    untilMillis.put(key, now + millis);
    // A clock that was set back must not make a doubt last.
    return until == null || until <= now || until > now + millis;
  }

  /** The token was accepted. */
  void end(TokenKey key) {
    untilMillis.invalidate(key);
  }
}
