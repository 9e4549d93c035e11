package io.scopegate.gateway.limit;

import io.scopegate.gateway.answer.Refusal;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rate that a tenant was over a moment ago: a flood asks a thousand times in a millisecond, and
 * each look into the buckets reads the clock and computes what has flowed in. Nothing is taken, so
 * that what is found stays true until units flow in again; at most for {@link #KEPT_NANOS}, because
 * units may also be given back. For one event loop.
 */
final class RecentlyOver {
  static final long KEPT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final LongSupplier nanos;
  private final Delays delays;
  private TenantUsage.@Nullable Terms terms;
  private @Nullable RateLimit limit;
  private RateLimit.Wait wait = RateLimit.Wait.NONE;
  private long untilNanos;

  /**
   * Nobody yet.
   *
   * @param nanos the time in nanoseconds that the buckets go by
   */
  RecentlyOver(LongSupplier nanos, Delays delays) {
    this.nanos = nanos;
    this.delays = delays;
  }

  /** Why a body of unknown size of this tenant would not be let through; null when it might be. */
  @Nullable Refusal refusal(TenantUsage tenant) {
    TenantUsage.Terms now = tenant.terms();
    RateLimit over = now == terms && nanos.getAsLong() - untilNanos < 0 ? limit : look(now);
    if (over == null) {
      return null;
    }
    tenant.over(over.kind());
    return over.refusal(wait, delays);
  }

  private @Nullable RateLimit look(TenantUsage.Terms now) {
    RateLimit over = WriteAdmission.stillOver(now);
    terms = now;
    limit = over;
    untilNanos = nanos.getAsLong();
    if (over != null) {
      wait = over.untilThere(1);
      untilNanos += Math.min(wait.nanos(), KEPT_NANOS);
    }
    return over;
  }
}
