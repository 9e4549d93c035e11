package io.scopegate.gateway.telemetry;

import java.util.HashMap;
import java.util.Map;

/**
 * Which requests over a limit make a line: a few in each second of one tenant. A client that floods
 * is refused for next to nothing, and its lines must not cost more than that, nor bury those of the
 * others. For one event loop.
 */
final class LimitedLines {
  /** Tenants over their limits within a second; those beyond share the lines of one. */
  private static final int MOST_TENANTS = 1_000;

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final Map<String, Second> tenants = new HashMap<>();
  private final Second others = new Second();

  /** What happened in a tenant's current second, and before it since its last line. */
  private static final class Second {
    private long sinceNanos;
    private int lines;
    private long skipped;

    private boolean isOver(long nowNanos) {
      return nowNanos - sinceNanos >= SECOND_NANOS;
    }
  }

  /**
   * Whether a request makes a line, which then tells how many made none.
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
