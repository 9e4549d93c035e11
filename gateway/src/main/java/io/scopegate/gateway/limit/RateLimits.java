package io.scopegate.gateway.limit;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rate limits of a tenant or a listener, by kind. Immutable. */
final class RateLimits {
  private static final long LONGEST_NANOS = 86_400_000_000_000L;

  private final Map<LimitKind, RateLimit> byKind = new EnumMap<>(LimitKind.class);

  /** What a kind's rate is; null for unlimited. */
  interface Rates {
    @Nullable Rate of(LimitKind kind);
  }

  /**
   * Makes the limits of all kinds that have a rate.
   *
   * @param role what the owner is, as refusals say it: {@code tenant} or {@code listener}
   * @param owner the owner's name
   * @param before what was held to before, whose buckets go on with what is used; null for nothing
   * @param store where new buckets are made
   */
  static RateLimits of(
      String role, String owner, Rates rates, @Nullable RateLimits before, Buckets store) {
    RateLimits limits = new RateLimits();
    for (LimitKind kind : LimitKind.values()) {
      Rate rate = rates.of(kind);
      if (rate != null) {
        RateLimit known = before == null ? null : before.get(kind);
        Bucket bucket = known == null ? store.bucket(owner, kind, rate) : known.bucket();
        bucket.reconfigure(rate);
        limits.byKind.put(kind, new RateLimit(role + ' ' + owner, kind, bucket));
      }
    }
    return limits;
  }

  /** The limit of a kind; null when there is none. */
  @Nullable RateLimit get(LimitKind kind) {
    return byKind.get(kind);
  }

  /** How long it takes until every bucket is full again at the latest, in nanoseconds. */
  long fillingNanos() {
    long longest = 0;
    for (RateLimit limit : byKind.values()) {
      longest = Math.max(longest, filling(limit.bucket().rate()));
    }
    return longest;
  }

  /** Twice the time from empty to full, since a request may leave a debt. */
  private static long filling(Rate rate) {
    return (long) Math.min(LONGEST_NANOS, 2e9 * rate.burst() / rate.perSecond());
  }
}
