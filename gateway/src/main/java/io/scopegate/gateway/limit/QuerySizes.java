package io.scopegate.gateway.limit;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.QuerySize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks how much queries want to get against the lowest limits of their tenants. */
final class QuerySizes {
  private QuerySizes() {}

  /** A limit of a tenant's; null for none. */
  private interface Most {
    @Nullable Integer of(TenantLimits limits);
  }

  /** Whether any of these tenants has such a limit. */
  static boolean areLimited(List<TenantUsage> tenants) {
    for (int i = 0; i < tenants.size(); i++) {
      TenantLimits limits = tenants.get(i).terms().limits();
      if (limits.maxResults() != null
          || limits.maxSpansPerSpanSet() != null
          || limits.maxExemplars() != null) {
        return true;
      }
    }
    return false;
  }

  /** Why this is too much for one of these tenants; null when it is not. */
  static @Nullable Refusal check(QuerySize asked, List<TenantUsage> tenants) {
    Refusal refusal =
        check(asked.results(), TenantLimits::maxResults, LimitKind.RESULTS, "limit", tenants);
    if (refusal == null) {
      refusal =
          check(
              asked.spans(),
              TenantLimits::maxSpansPerSpanSet,
              LimitKind.SPANS_PER_SPAN_SET,
              "spss",
              tenants);
    }
    if (refusal == null) {
      refusal =
          check(
              asked.exemplars(),
              TenantLimits::maxExemplars,
              LimitKind.EXEMPLARS,
              "exemplars",
              tenants);
    }
    return refusal;
  }

  private static @Nullable Refusal check(
      long asked, Most most, LimitKind kind, String parameter, List<TenantUsage> tenants) {
    Integer least = null;
    for (int i = 0; i < tenants.size(); i++) {
      Integer next = most.of(tenants.get(i).terms().limits());
      least = least == null || next != null && next < least ? next : least;
    }
    if (least == null || asked != QuerySize.UNREADABLE && asked <= least) {
      return null;
    }
    tenants.forEach(tenant -> tenant.over(kind));
    return Refusal.of(
        Refusal.Reason.QUERY_TOO_LARGE,
        "limit: the query's "
            + parameter
            + said(asked)
            + kind.label()
            + " (expected: at most "
            + least
            + ")");
  }

  private static String said(long asked) {
    if (asked == QuerySize.UNREADABLE) {
      return " cannot be read, and is bounded by ";
    }
    return asked == Long.MAX_VALUE
        ? " asks for all and exceeds "
        : " is " + asked + " and exceeds ";
  }
}
