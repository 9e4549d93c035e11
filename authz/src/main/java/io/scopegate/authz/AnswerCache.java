package io.scopegate.authz;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps answers for their time. A yes may serve on past its time while nobody can be asked; a no
 * never does, for a refusal that is out of date would make a collector throw data away.
 *
 * <p>Yes and no live in separate caches, so that a flood of bad tokens cannot push good ones out.
 *
 * @param <K> the question
 * @param <A> the answer
 */
final class AnswerCache<K, A> {
  private static final int NOS_FOR_ONE_YES = 4;

  private final Cache<K, Kept<A>> yes;
  private final Cache<K, Kept<A>> no;
  private final long longestMillis;
  private final InstantSource clock;

  /**
   * An empty cache.
   *
   * @param maxEntries how many yeses; of noes a quarter of that is kept besides
   * @param longestMillis no answer serves longer, the time after its own included; so a clock that
   *     is set back cannot make answers last
   */
  AnswerCache(int maxEntries, long longestMillis, InstantSource clock) {
    this.yes = cache(maxEntries);
    this.no = cache(Math.max(1, maxEntries / NOS_FOR_ONE_YES));
    this.longestMillis = longestMillis;
    this.clock = clock;
  }

  private static <K, V> Cache<K, V> cache(int maxEntries) {
    // Maintenance on the calling thread: amortised, and no thread of its own.
    return Caffeine.newBuilder().maximumSize(maxEntries).executor(Runnable::run).build();
  }

  /** What is kept and within its time; null when the question must be asked. */
  @Nullable Kept<A> fresh(K key) {
    Kept<A> kept = yes.getIfPresent(key);
    if (kept == null) {
      kept = no.getIfPresent(key);
    }
    return kept != null && isBefore(kept.freshUntil()) ? kept : null;
  }

  /** A yes that may serve although its time is over; null when there is none. */
  @Nullable Kept<A> stale(K key) {
    Kept<A> kept = yes.getIfPresent(key);
    return kept != null && isBefore(kept.staleUntil()) ? kept : null;
  }

  private boolean isBefore(long untilMillis) {
    long left = untilMillis - clock.millis();
    return left > 0 && left <= longestMillis;
  }

  /** Whether the last answer was a yes, however long ago. */
  boolean wasYes(K key) {
    return yes.getIfPresent(key) != null;
  }

  /** Keeps a yes, unless its time is over already. */
  void keepYes(K key, Kept<A> kept) {
    no.invalidate(key);
    if (kept.staleUntil() <= clock.millis()) {
      yes.invalidate(key);
    } else {
      yes.put(key, kept);
    }
  }

  /** Keeps a no; a yes that was kept is gone for good. */
  void keepNo(K key, A answer, long until) {
    yes.invalidate(key);
    no.put(key, new Kept<>(answer, until, until, false));
  }

  /** How many answers are kept. */
  long size() {
    yes.cleanUp();
    no.cleanUp();
    return yes.estimatedSize() + no.estimatedSize();
  }

  /**
   * An answer with its times, in milliseconds since the epoch.
   *
   * @param freshUntil until when it serves without asking
   * @param staleUntil until when it serves if nobody can be asked
   * @param stale whether it already serves because nobody could be asked
   */
  record Kept<A>(A answer, long freshUntil, long staleUntil, boolean stale) {}
}
