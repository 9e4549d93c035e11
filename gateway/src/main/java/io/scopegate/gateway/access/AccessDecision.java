package io.scopegate.gateway.access;

import io.netty.util.AsciiString;
import io.scopegate.authz.User;
import io.scopegate.gateway.answer.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about a request.
 *
 * @param refusal why not; null when the request may go on
 * @param tenantHeader the one value of the tenant header that upstream gets; null when refused and
 *     for endpoints that need no tenant
 * @param tenant the tenant's name, or those of a federated read sorted with {@code |} between, for
 *     logs; metrics have one label for all federated reads; empty when none was established
 * @param user the user's name for logs; empty when none was established
 * @param validUntilMillis wall-clock milliseconds since the epoch after which the same request must
 *     be decided again
 * @param grounds what it rests on; null when nobody was asked who it is
 * @param waived the refusal that is only logged, see {@link Enforcement#AUDIT}; mostly null
 */
public record AccessDecision(
    @Nullable Refusal refusal,
    @Nullable AsciiString tenantHeader,
    String tenant,
    String user,
    long validUntilMillis,
    @Nullable DecisionBasis grounds,
    @Nullable Refusal waived) {

  /** What is said of a token that came without TLS where that is not taken; nobody looks at it. */
  public static final AccessDecision TOKEN_IN_CLEAR_TEXT =
      new AccessDecision(
          Refusal.of(
              Refusal.Reason.UNAUTHENTICATED,
              "access: the token came in clear text, which this port does not take"
                  + " (tls.clearTextTokens); connect with TLS, and replace the token"),
          null,
          "",
          "",
          0);

  /** With nothing waived. */
  public AccessDecision(
      @Nullable Refusal refusal,
      @Nullable AsciiString tenantHeader,
      String tenant,
      String user,
      long validUntilMillis,
      @Nullable DecisionBasis grounds) {
    this(refusal, tenantHeader, tenant, user, validUntilMillis, grounds, null);
  }

  /** Without grounds. */
  public AccessDecision(
      @Nullable Refusal refusal,
      @Nullable AsciiString tenantHeader,
      String tenant,
      String user,
      long validUntilMillis) {
    this(refusal, tenantHeader, tenant, user, validUntilMillis, null);
  }

  /** Who it is; null when nobody was asked, or nobody could tell. */
  public @Nullable User who() {
    return grounds == null ? null : grounds.authentication().user();
  }

  /** What exactly was wrong with the credential, for logs alone; empty when nothing was. */
  public String cause() {
    return grounds == null ? "" : grounds.authentication().cause();
  }

  /** The same for a request that nothing ends afterwards, see {@link Enforcement#AUDIT}. */
  public AccessDecision withoutEnd() {
    return new AccessDecision(refusal, tenantHeader, tenant, user, Long.MAX_VALUE, null, waived);
  }

  /** Whether the request may go on. */
  public boolean allowed() {
    return refusal == null;
  }

  /** Whether nothing that it rests on has ended before its time. */
  public boolean stands() {
    return grounds == null || grounds.stand();
  }
}
