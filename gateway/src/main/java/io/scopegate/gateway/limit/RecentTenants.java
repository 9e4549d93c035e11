package io.scopegate.gateway.limit;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The tenants that one event loop admitted within the last second. To find one here costs a tenth
 * of what it costs in the cache of all loops, which notes each access.
 *
 * <p>That cache keeps a tenant for at least ten minutes after an access, so it never forgets one
 * that is in use here. Only with more tenants than it holds may a tenant be there again, with full
 * budgets, while this still has the one before; for a second at most.
 */
final class RecentTenants {
  static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int SLOTS = 64; // a power of two

  private final Limiter limiter;
  private final LongSupplier nanos;
  private final @Nullable TenantUsage[] kept = new TenantUsage[SLOTS];
  private final long[] untilNanos = new long[SLOTS];

  /**
   * None yet.
   *
   * @param nanos the time in nanoseconds, from any beginning
   */
  RecentTenants(Limiter limiter, LongSupplier nanos) {
    this.limiter = limiter;
    this.nanos = nanos;
  }

  /** What a tenant has used, by the limits that are in force. */
  TenantUsage of(String name) {
    int hash = name.hashCode();
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    long now = nanos.getAsLong();
    TenantUsage known = kept[slot];
    if (known != null && now - untilNanos[slot] < 0 && known.name().equals(name)) {
      limiter.keepCurrent(known);
      return known;
    }
    TenantUsage found = limiter.tenant(name);
    kept[slot] = found;
    untilNanos[slot] = now + KEPT_NANOS;
    return found;
  }
}
