package io.scopegate.gateway.answer;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a request is not forwarded, before any status is chosen.
 *
 * @param reason the kind of refusal
 * @param detail what a person needs to know: the step, tenant, verb, resource and the rule that
 *     would allow it; never a token, never another tenant's facts, never an exception's text
 * @param retryAfterMillis how long the client should wait before it tries again; 0 when trying
 *     again is pointless or the answer carries no delay
 * @param allow the methods that are allowed, comma-separated, for {@link
 *     Reason#METHOD_NOT_ALLOWED}; otherwise empty
 * @param allowance what the client has left of the limit that refused; null for other refusals
 */
public record Refusal(
    Reason reason,
    String detail,
    long retryAfterMillis,
    String allow,
    @Nullable Allowance allowance) {

  /** The kinds of refusal; {@code Answers} alone knows which status each becomes. */
  public enum Reason {
    /** No token, a malformed one, or one that was rejected. */
    UNAUTHENTICATED,
    /** The token or the right could not be checked. */
    UNDECIDED,
    /** The right was denied. */
    FORBIDDEN,
    /** The tenant is missing, invalid or ambiguous. */
    TENANT_INVALID,
    /** Over a rate or a concurrency; waiting helps. */
    LIMITED,
    /** The request is larger than the tenant may ever store. */
    TOO_LARGE,
    /** Asks for a longer span of time than a query may. */
    RANGE_TOO_LONG,
    /** Asks for more results, spans or exemplars than a query may. */
    QUERY_TOO_LARGE,
    /** Upstream is unreachable, or the gateway is draining or overloaded. */
    UNAVAILABLE,
    /** Upstream, or the client's own deadline, was too slow. */
    TOO_SLOW,
    /** The endpoint is not in the table, or not gRPC on a gRPC port. */
    NOT_FOUND,
    /** The path is in the table, the method is not. */
    METHOD_NOT_ALLOWED,
    /** The path is not canonical, or the request is malformed. */
    MALFORMED,
    /** The request line and headers together are too large. */
    HEADERS_TOO_LARGE,
    /** An OTLP content type that Tempo does not know. */
    UNSUPPORTED_MEDIA_TYPE,
    /** A limit holds, and the body is in an encoding that cannot be measured. */
    UNSUPPORTED_CODING,
    /** The client did not send its body in time. */
    BODY_TOO_SLOW,
    /** A defect of the gateway. */
    DEFECT;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Whether it says that a client may not do this, and that is certain. */
    public boolean isOfAccess() {
      return this == UNAUTHENTICATED || this == FORBIDDEN;
    }

    /** The word for it in answers, logs and metrics, for example {@code tenant_invalid}. */
    public String label() {
      return label;
    }
  }

  /**
   * What is left of a rate, as {@code X-RateLimit-*} tell it.
   *
   * @param limit how much a second
   * @param remaining how much right now
   * @param resetSeconds until the same request would pass
   */
  public record Allowance(long limit, long remaining, long resetSeconds) {}

  /** A refusal without an allowance. */
  public Refusal(Reason reason, String detail, long retryAfterMillis, String allow) {
    this(reason, detail, retryAfterMillis, allow, null);
  }

  /** Whether the client caused it; it did not where something was down, overloaded or slow. */
  public boolean isClientsFault() {
    return switch (reason) {
      case UNDECIDED, UNAVAILABLE, TOO_SLOW, BODY_TOO_SLOW, DEFECT -> false;
      default -> true;
    };
  }

  /** A refusal that is permanent. */
  public static Refusal of(Reason reason, String detail) {
    return new Refusal(reason, detail, 0, "");
  }

  /** A refusal that may be retried. */
  public static Refusal retryable(Reason reason, String detail, long retryAfterMillis) {
    return new Refusal(reason, detail, retryAfterMillis, "");
  }

  /** A refusal over a rate. */
  public static Refusal overRate(String detail, long retryAfterMillis, Allowance allowance) {
    return new Refusal(Reason.LIMITED, detail, retryAfterMillis, "", allowance);
  }
}
