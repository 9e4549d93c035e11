package io.scopegate.gateway.telemetry;

import java.util.HashMap;
import java.util.Map;

/**
 * Decides which requests over a limit are logged: a few per second for each tenant. Refusing a
 * flooding client costs almost nothing, so its log lines must not cost more, and must not hide
 * other lines. For one event loop.
 */
final class LimitedLines {
  /** Tenants over their limits within a second; those beyond share the lines of one. */
  private static final int MOST_TENANTS = 1_000;

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final Map<String, Second> tenants = new HashMap<>();
  private final Second others = new Second();

  /** Lines in a tenant's current second, and requests not logged since the last line. */
  private static final class Second {
    private long sinceNanos;
    private int lines;
    private long skipped;

    private boolean isOver(long nowNanos) {
      return nowNanos - sinceNanos >= SECOND_NANOS;
    }
  }

  /**
   * Whether a request is logged. If so, its line says how many before it were not.
   *
   * @param perSecond lines in a second
   */
  boolean takes(RequestRecord t, int perSecond) {
    Second second = second(t.tenant, t.endNanos);
    if (second.isOver(t.endNanos)) {
      second.sinceNanos = t.endNanos;
      second.lines = 0;
    }
    if (second.lines >= perSecond) {
      second.skipped++;
      return false;
    }
    second.lines++;
    t.skipped = second.skipped;
    second.skipped = 0;
    return true;
  }

  private Second second(String tenant, long nowNanos) {
    Second known = tenants.get(tenant);
    if (known != null) {
      return known;
    }
    if (tenants.size() >= MOST_TENANTS) {
      tenants.values().removeIf(second -> second.isOver(nowNanos));
    }
    if (tenants.size() >= MOST_TENANTS) {
      return others;
    }
    Second next = new Second();
    next.sinceNanos = nowNanos;
    tenants.put(tenant, next);
    return next;
  }
}
