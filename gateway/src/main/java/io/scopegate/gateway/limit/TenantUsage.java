package io.scopegate.gateway.limit;

import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.telemetry.LimitMeters;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What one tenant has used, and may still use; shared by all event loops. */
final class TenantUsage {
  private static final long IDLE_NANOS = 600_000_000_000L;

  /** What it uses of the memory. */
  final TenantMemoryShare share;

  /** Where it is counted. */
  final LimitMeters meters;

  /** Reads at a time. */
  final AtomicInteger queries = new AtomicInteger();

  /** Streamed reads at a time. */
  final AtomicInteger streams = new AtomicInteger();

  private final String name;
  private final Buckets store;
  private volatile Terms terms;
  private volatile Limits source;

  /** Creates it with nothing used. */
  TenantUsage(
      String name, Limits source, Buckets store, TenantMemoryShare share, LimitMeters meters) {
    this.name = name;
    this.store = store;
    this.share = share;
    this.meters = meters;
    this.source = source;
    this.terms = terms(source.forTenant(name), null);
    show();
  }

  /**
   * Its limits.
   *
   * @param limits as they are configured
   * @param rates by their kind
   * @param largestRequest in bytes; {@link Long#MAX_VALUE} for any
   */
  record Terms(TenantLimits limits, RateLimits rates, long largestRequest) {
    /** Its limit of this kind; null when that is unlimited. */
    @Nullable RateLimit rate(LimitKind kind) {
      return rates.get(kind);
    }
  }

  Terms terms() {
    return terms;
  }

  String name() {
    return name;
  }

  /** Whether requests over its limits are refused, and not only noted. */
  boolean enforces() {
    return source.enforced();
  }

  /** A request is over a limit of its own: it is refused, or would be. */
  void over(LimitKind kind) {
    if (enforces()) {
      meters.refused(kind.label());
    } else {
      meters.wouldRefuse(kind.label());
    }
  }

  /** Changes its limits; what it has used remains used. */
  void reconfigure(Limits next) {
    if (next != source) {
      apply(next);
    }
  }

  private synchronized void apply(Limits next) {
    source = next;
    TenantLimits limits = next.forTenant(name);
    if (!limits.equals(terms.limits())) {
      terms = terms(limits, terms.rates());
      show();
    }
  }

  private Terms terms(TenantLimits limits, @Nullable RateLimits before) {
    RateLimits rates = RateLimits.of("tenant", name, kind -> kind.rate(limits), before, store);
    return new Terms(limits, rates, limits.largestRequestBytes());
  }

  /** Shows all configurable limits as metrics. */
  private void show() {
    for (LimitKind kind : LimitKind.OF_TENANTS) {
      meters.limit(kind.label(), kind.shown(terms.limits()));
    }
  }

  /** How long it must be remembered after its last request: until every bucket is full again. */
  long keptNanos() {
    return IDLE_NANOS + terms.rates().fillingNanos();
  }
}
