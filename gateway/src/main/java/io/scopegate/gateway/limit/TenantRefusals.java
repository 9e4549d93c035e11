package io.scopegate.gateway.limit;

import io.scopegate.config.DataSize;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.Flaw;
import io.scopegate.gateway.meter.Measure;
import org.jspecify.annotations.Nullable;

/** Refusals of requests over a tenant's limits; counts them, too. */
final class TenantRefusals {
  /** Names of encodings are short. */
  private static final int MOST_SHOWN = 60;

  private TenantRefusals() {}

  /** Over a rate. */
  static Refusal overRate(TenantUsage tenant, RateLimit limit, long amount, Delays delays) {
    tenant.over(limit.kind());
    return limit.refusal(amount, delays);
  }

  /** Too many at a time. */
  static Refusal concurrent(TenantUsage tenant, LimitKind kind, int most, Delays delays) {
    tenant.over(kind);
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

  /**
   * Larger than the tenant may ever store.
   *
   * @param found its size, decoded, or what was seen of it
   */
  static Refusal tooLarge(TenantUsage tenant, TenantUsage.Terms terms, long found) {
    long most = terms.largestRequest();
    tenant.over(LimitKind.REQUEST_BYTES);
    if (most == Long.MAX_VALUE) {
      return tooMuchToDecode(tenant);
    }
    return Refusal.of(
        Refusal.Reason.TOO_LARGE,
        "limit: the request"
            + (found > most ? " of " + new DataSize(found) + " or more" : "")
            + " is larger than tenant "
            + tenant.name()
            + " may store at once (expected: at most "
            + new DataSize(most)
            + ", decoded, by "
            + terms.limits().largestRequestKey()
            + ")");
  }

  /** Compressed, and larger than is decoded where nothing is configured. */
  private static Refusal tooMuchToDecode(TenantUsage tenant) {
    return Refusal.of(
        Refusal.Reason.TOO_LARGE,
        "limit: the request is larger, decoded, than is counted for a tenant with limits (expected:"
            + " at most "
            + new DataSize(Measure.MOST_DECODED_BYTES)
            + ", decoded, since tenant "
            + tenant.name()
            + " has no maxRequestBytes)");
  }

  /** In an encoding that is not measured. */
  static Refusal unmeasured(@Nullable CharSequence encoding) {
    String shown = encoding == null ? "" : encoding.toString();
    return Refusal.of(
        Refusal.Reason.UNSUPPORTED_CODING,
        "limit: the tenant has limits, and bodies in the encoding '"
            + (shown.length() > MOST_SHOWN ? shown.substring(0, MOST_SHOWN) + "..." : shown)
            + "' cannot be measured (expected: one of gzip, deflate, zstd and snappy, or none)");
  }

  /** In the middle of a body. */
  static Refusal unmeasured(Flaw flaw) {
    return switch (flaw) {
      case MALFORMED ->
          Refusal.of(
              Refusal.Reason.MALFORMED, "limit: the body is not compressed as its head says");
      case UNMEASURABLE ->
          Refusal.of(
              Refusal.Reason.UNSUPPORTED_CODING,
              "limit: the body is compressed with a zstd window of more than 8 MiB, a dictionary,"
                  + " or snappy references over more than 64 KiB, and cannot be measured; use a"
                  + " lower compression level");
      case INFLATED ->
          Refusal.of(
              Refusal.Reason.TOO_LARGE,
              "limit: the messages of the call decode to more than 250 times their size (expected:"
                  + " compressed spans)");
    };
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
