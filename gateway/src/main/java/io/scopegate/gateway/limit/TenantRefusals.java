package io.scopegate.gateway.limit;

import io.scopegate.config.DataSize;
import io.scopegate.gateway.answer.Refusal;

/** Refusals of requests over a tenant's limits; counts them, too. */
final class TenantRefusals {
  private TenantRefusals() {}

  /** Over a rate. */
  static Refusal overRate(TenantUsage tenant, RateLimit limit, long amount, Delays delays) {
    tenant.meters.refused(limit.kind().label());
    return limit.refusal(amount, delays);
  }

  /** Too many at a time. */
  static Refusal concurrent(TenantUsage tenant, LimitKind kind, int most, Delays delays) {
    tenant.meters.refused(kind.label());
    String text =
        "limit: tenant "
            + tenant.name()
            + " is over "
            + kind.label()
            + " (expected: at most "
            + most
            + " at a time)";
    return Refusal.overRate(text, delays.millis(0), new Refusal.Allowance(most, 0, 1));
  }

  /** Larger than the tenant may ever store. */
  static Refusal tooLarge(TenantUsage tenant, long most) {
    tenant.meters.refused(LimitKind.REQUEST_BYTES.label());
    return Refusal.of(
        Refusal.Reason.TOO_LARGE,
        "limit: the request is larger than tenant "
            + tenant.name()
            + " may store at once (expected: at most "
            + new DataSize(most)
            + ", decoded)");
  }

  /** It holds its share of the gateway's memory or requests, and others need some. */
  static Refusal share(TenantUsage tenant, Delays delays) {
    tenant.meters.refused(LimitKind.SHARE.label());
    return Refusal.retryable(
        Refusal.Reason.UNAVAILABLE,
        "limit: tenant "
            + tenant.name()
            + " holds its share of the gateway's memory or requests; retry",
        delays.millis(0));
  }
}
