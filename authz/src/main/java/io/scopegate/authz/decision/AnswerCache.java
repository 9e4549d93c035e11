package io.scopegate.authz.decision;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.scopegate.authz.Lease;
import java.time.InstantSource;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps answers for their time. A yes may be used after it has expired while the API server cannot
 * be asked. A no never is, because an outdated refusal would make a collector drop data.
 *
 * <p>Yes and no live in separate caches, so that a flood of bad tokens cannot push good ones out.
 *
 * @param <K> the question
 * @param <A> the answer
 */
final class AnswerCache<K, A> {
  private static final int NOS_FOR_ONE_YES = 4;

  /** How long a stale answer is used before the next attempt to get a fresh one. */
  private static final long STALE_STEP_MILLIS = 1000;

  /** For this long after a failed attempt no caller waits for the next one. */
  private static final long RECENTLY_MILLIS = 10_000;

  private final Cache<K, Kept<A>> yes;
  private final Cache<K, Kept<A>> no;
  private final long longestMillis;
  private final InstantSource clock;
  private final Function<A, Lease> lease;
  private final Consumer<K> changed;

  /**
   * An empty cache.
   *
   * @param maxEntries how many yeses; of noes a quarter of that is kept besides
   * @param longestMillis no answer serves longer, the time after its own included; so a clock that
   *     is set back cannot make answers last
   * @param lease of an answer; ended when the answer is not kept any more, so that nobody goes on
   *     with what no change can reach
   * @param changed is told after an answer to a question has come or gone, on any thread; may ask
   *     {@link #keeps} but must change nothing here
   */
  AnswerCache(
      int maxEntries,
      long longestMillis,
      InstantSource clock,
      Function<A, Lease> lease,
      Consumer<K> changed) {
    this.lease = lease;
    this.changed = changed;
    this.yes = cache(maxEntries);
    this.no = cache(Math.max(1, maxEntries / NOS_FOR_ONE_YES));
    this.longestMillis = longestMillis;
    this.clock = clock;
  }

  private Cache<K, Kept<A>> cache(int maxEntries) {
    // Maintenance on the calling thread: amortised, and no thread of its own.
    return Caffeine.newBuilder()
        .maximumSize(maxEntries)
        .executor(Runnable::run)
        .removalListener((@Nullable K key, @Nullable Kept<A> kept, RemovalCause cause) -> {
          // What is replaced may go on under the same lease: see put.
          if (kept != null && cause != RemovalCause.REPLACED) {
            lease.apply(kept.answer()).end();
          }
          if (key != null && cause != RemovalCause.REPLACED) {
            changed.accept(key);
          }
        })
        .build();
  }

  private void put(Cache<K, Kept<A>> cache, K key, Kept<A> kept) {
    Kept<A> before = cache.asMap().put(key, kept);
    if (before != null && lease.apply(before.answer()) != lease.apply(kept.answer())) {
      lease.apply(before.answer()).end();
    }
    if (before == null) {
      changed.accept(key);
    }
  }

  /** Whether there is an answer, within its time or not. Changes nothing. */
  boolean keeps(K key) {
    return yes.asMap().containsKey(key) || no.asMap().containsKey(key);
  }

  /** Whether the last answer was a yes, as {@link #wasYes}. Changes nothing. */
  boolean keepsYes(K key) {
    return yes.asMap().containsKey(key);
  }

  /** A no may have changed: it must not serve any more. A yes stays. */
  boolean endNo(K key) {
    return no.asMap().remove(key) != null;
  }

  /**
   * Every yes is asked for again by then, and stays in use if the API server cannot be asked.
   *
   * @param untilMillis a time for each, so that they do not come all at once
   * @param restamp makes the same answer with another end
   */
  void shorten(LongSupplier untilMillis, BiFunction<A, Long, A> restamp) {
    for (K key : yes.asMap().keySet()) {
      long until = untilMillis.getAsLong();
      yes.asMap()
          .computeIfPresent(
              key, (same, kept) -> kept.freshUntil() <= until ? kept : kept.until(until, restamp));
    }
  }

  /** Forgets an answer, whichever it is: it may have changed. */
  void forget(K key) {
    yes.invalidate(key);
    no.invalidate(key);
  }

  /** Forgets everything. */
  void clear() {
    yes.invalidateAll();
    no.invalidateAll();
  }

  /** What is kept and within its time; null when the question must be asked. */
  @Nullable Kept<A> fresh(K key) {
    Kept<A> kept = yes.getIfPresent(key);
    if (kept == null) {
      kept = no.getIfPresent(key);
    }
    return kept != null && isBefore(kept.freshUntil()) ? kept : null;
  }

  /**
   * Nobody could be asked: a yes whose time is over serves for a step more.
   *
   * @param restamp makes the same answer with another end
   * @return null when there is none, or none that may
   */
  @Nullable A serveStale(K key, BiFunction<A, Long, A> restamp) {
    Kept<A> kept = yes.getIfPresent(key);
    while (kept != null && isBefore(kept.staleUntil())) {
      long until = Math.min(clock.millis() + STALE_STEP_MILLIS, kept.staleUntil());
      A stale = restamp.apply(kept.answer(), until);
      // Only in the place of what was read: an answer that has come meanwhile must stand.
      if (yes.asMap().replace(key, kept, new Kept<>(stale, until, kept.staleUntil(), true))) {
        return stale;
      }
      kept = yes.getIfPresent(key);
    }
    return null;
  }

  /**
   * As {@link #serveStale}, but before asking and only when the last attempt failed a moment ago:
   * while the API server hangs, one question in a step should wait for it, and no request.
   */
  @Nullable A serveStaleAgain(K key, BiFunction<A, Long, A> restamp) {
    Kept<A> kept = yes.getIfPresent(key);
    return kept != null && kept.stale() && isBefore(kept.freshUntil() + RECENTLY_MILLIS)
        ? serveStale(key, restamp)
        : null;
  }

  /** Whether there is a yes that {@link #serveStale} would find. */
  boolean mayServeStale(K key) {
    Kept<A> kept = yes.getIfPresent(key);
    return kept != null && isBefore(kept.staleUntil());
  }

  private boolean isBefore(long untilMillis) {
    long left = untilMillis - clock.millis();
    return left > 0 && left <= longestMillis + RECENTLY_MILLIS;
  }

  /** Whether the last answer was a yes, however long ago. */
  boolean wasYes(K key) {
    return yes.getIfPresent(key) != null;
  }

  /**
   * A yes must not serve any more, but that it was one stays known.
   *
   * @return whether it served
   */
  boolean endYes(K key) {
    Kept<A> old = yes.asMap().get(key);
    yes.asMap()
        .computeIfPresent(
            key,
            (same, kept) -> {
              lease.apply(kept.answer()).end();
              return new Kept<>(kept.answer(), 0, 0, false);
            });
    return old != null && old.staleUntil() > 0;
  }

  /** Keeps a yes, unless its time is over already. */
  void keepYes(K key, Kept<A> kept) {
    no.invalidate(key);
    if (kept.staleUntil() <= clock.millis()) {
      yes.invalidate(key);
    } else {
      put(yes, key, kept);
    }
  }

  /** Keeps a no; a yes that was kept is gone for good. */
  void keepNo(K key, A answer, long until) {
    yes.invalidate(key);
    put(no, key, new Kept<>(answer, until, until, false));
  }

  /** How many answers are cached. */
  long size() {
    yes.cleanUp();
    no.cleanUp();
    return yes.estimatedSize() + no.estimatedSize();
  }

  /**
   * An answer with its times, in milliseconds since the epoch.
   *
   * @param freshUntil until when it serves without asking
   * @param staleUntil until when it serves if the API server cannot be asked
   * @param stale whether it already serves because the API server could not be asked
   */
  record Kept<A>(A answer, long freshUntil, long staleUntil, boolean stale) {
    private Kept<A> until(long untilMillis, BiFunction<A, Long, A> restamp) {
      return new Kept<>(restamp.apply(answer, untilMillis), untilMillis, staleUntil, stale);
    }
  }
}
