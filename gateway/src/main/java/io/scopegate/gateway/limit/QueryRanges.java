package io.scopegate.gateway.limit;

import io.scopegate.config.DurationText;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.QueryRange;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the time range of queries against the lowest limit of their tenants. */
final class QueryRanges {
  private QueryRanges() {}

  /** The longest range that all of these tenants allow; null for any. */
  static @Nullable Duration most(List<TenantUsage> tenants) {
    Duration most = null;
    for (int i = 0; i < tenants.size(); i++) {
      Duration next = tenants.get(i).terms().limits().maxQueryRange();
      if (next != null && (most == null || next.compareTo(most) < 0)) {
        most = next;
      }
    }
    return most;
  }

  /**
   * Why this range is too long for one of these tenants; null when it is not.
   *
   * @param nowMillis since the epoch
   */
  static @Nullable Refusal check(QueryRange range, List<TenantUsage> tenants, long nowMillis) {
    if (range.state() == QueryRange.State.MALFORMED) {
      return unreadable();
    }
    Duration most = most(tenants);
    if (most == null
        || Duration.ofNanos(range.lengthNanos(nowMillis * 1_000_000)).compareTo(most) <= 0) {
      return null;
    }
    tenants.forEach(tenant -> tenant.over(LimitKind.QUERY_RANGE));
    return Refusal.of(
        Refusal.Reason.RANGE_TOO_LONG,
        "limit: the query range exceeds maxQueryRange (expected: at most "
            + DurationText.format(most)
            + " from start to end)");
  }

  /** A range that cannot be read is refused where ranges are limited. */
  static Refusal unreadable() {
    return Refusal.of(
        Refusal.Reason.MALFORMED,
        "limit: the range of the query cannot be read (expected: start, end and since as Tempo"
            + " takes them, in at most 64 KiB)");
  }
}
