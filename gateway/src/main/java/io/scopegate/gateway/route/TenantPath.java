package io.scopegate.gateway.route;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request that names its tenant there.
 *
 * @param header the tenant header, in lower case
 * @param tenant the name in the path; whether it can be one is not known yet
 * @param target the path and query that Tempo knows
 */
public record TenantPath(AsciiString header, AsciiString tenant, AsciiString target)
    implements PathRewrite {
  /** Refuses a tenant header that is there already and names another tenant. */
  @Override
  public @Nullable Refusal applyTo(Http2Headers head) {
    CharSequence given = head.get(header);
    if (given != null && !tenant.contentEquals(given)) {
      return Refusal.of(
          Refusal.Reason.TENANT_INVALID,
          "tenant: the header " + header + " and the path differ (expected: one tenant)");
    }
    if (given == null) {
      head.set(header, tenant);
    }
    head.path(target);
    return null;
  }
}
