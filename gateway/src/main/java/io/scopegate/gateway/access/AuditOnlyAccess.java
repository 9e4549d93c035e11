package io.scopegate.gateway.access;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.authz.Authentication;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.vertx.core.Future;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides as another does, and forwards what it refuses for who the caller is: {@link
 * Enforcement#AUDIT}. The refusal is kept in {@link AccessDecision#waived}. A request that names no
 * tenant, or no valid one, stays refused, because Tempo would have no tenant either; so does every
 * request that is not in the endpoint table, which is decided before. A proxied request goes on
 * with what it would have if it were allowed, and stays refused where what is reviewed cannot be
 * read.
 */
public final class AuditOnlyAccess implements Access {
  private static final Set<Reason> WAIVED =
      EnumSet.of(Reason.UNAUTHENTICATED, Reason.FORBIDDEN, Reason.UNDECIDED);

  private final Access access;
  private final TenantResolver tenants;
  private final ProxiedReviews proxied;

  /** Decides as that one does, with the same tenants. */
  public AuditOnlyAccess(Access access, AuthorizationConfig authorization, TenancyConfig tenancy) {
    this.access = access;
    this.tenants = new TenantResolver(tenancy);
    this.proxied = new ProxiedReviews(authorization, tenancy, new ResourceMapping(authorization));
  }

  @Override
  public @Nullable AccessDecision known(
      Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
    AccessDecision decision = access.known(endpoint, head, memo);
    return decision == null ? null : waive(decision, asked(endpoint, head));
  }

  @Override
  public Future<AccessDecision> ask(
      Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
    Asked asked = asked(endpoint, head);
    return access.ask(endpoint, head, memo).map(decision -> waive(decision, asked));
  }

  @Override
  public boolean enforces() {
    return false;
  }

  @Override
  public Future<String> otherMapping(Endpoint endpoint, DecisionBasis grounds) {
    return access.otherMapping(endpoint, grounds);
  }

  /** What a head asks for; holds on to nothing else of it. */
  private record Asked(
      Endpoint endpoint,
      @Nullable String tenant,
      boolean several,
      ProxiedReviews.@Nullable Wanted proxied) {}

  private Asked asked(Endpoint endpoint, Http2Headers head) {
    AsciiString header = tenants.header();
    CharSequence value = head.get(header);
    return new Asked(
        endpoint,
        value == null ? null : value.toString(),
        HeaderValue.differs(head, header),
        endpoint.isProxied() ? proxied.wanted(endpoint, head) : null);
  }

  private AccessDecision waive(AccessDecision decision, Asked asked) {
    Refusal refusal = decision.refusal();
    if (refusal == null || !WAIVED.contains(refusal.reason())) {
      return decision;
    }
    if (asked.endpoint.operation() == Operation.OPEN) {
      return forwarded(decision, null, "");
    }
    if (asked.proxied != null) {
      return asked.proxied.refusal() != null
          ? decision
          : forwarded(decision, asked.proxied.tenantHeader(), asked.proxied.label());
    }
    TenantResolver.Resolved resolved = resolve(asked, decision.grounds());
    return resolved.refusal() != null || resolved.names().stream().anyMatch(tenants::isIdOfAnother)
        ? decision
        : forwarded(decision, resolved.sent(), resolved.label());
  }

  private TenantResolver.Resolved resolve(Asked asked, @Nullable DecisionBasis grounds) {
    if (asked.several) {
      return tenants.several();
    }
    Authentication caller = grounds == null ? null : grounds.authentication();
    return caller == null || caller.user() == null
        ? tenants.named(asked.tenant, asked.endpoint.operation())
        : tenants.resolve(asked.tenant, caller.user(), caller.proof(), asked.endpoint.operation());
  }

  private static AccessDecision forwarded(
      AccessDecision decision, @Nullable AsciiString tenantHeader, String tenant) {
    return new AccessDecision(
        null,
        tenantHeader,
        tenant,
        decision.user(),
        Long.MAX_VALUE,
        decision.grounds(),
        decision.refusal());
  }
}
