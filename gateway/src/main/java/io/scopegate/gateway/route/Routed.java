package io.scopegate.gateway.route;

import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes: either an endpoint with its route, or a refusal.
 *
 * @param dialect how to answer this client
 * @param endpoint the row that matched; null when refused
 * @param route the index of the listener's route that serves the endpoint; -1 when refused, and for
 *     what the gateway itself answers
 * @param refusal why not; null when matched
 * @param tenantPath the tenant that the path names, and the path without it; null when it names
 *     none
 */
public record Routed(
    Dialect dialect,
    @Nullable Endpoint endpoint,
    int route,
    @Nullable Refusal refusal,
    @Nullable TenantPath tenantPath) {

  /** Of a path without a tenant. */
  Routed(Dialect dialect, @Nullable Endpoint endpoint, int route, @Nullable Refusal refusal) {
    this(dialect, endpoint, route, refusal, null);
  }

  /** The same for a path with a tenant. */
  Routed of(TenantPath path) {
    return new Routed(dialect, endpoint, route, refusal, path);
  }

  /** Whether the gateway itself answers, as it always does when asked for its health. */
  public boolean isAnsweredHere() {
    return endpoint != null && route < 0;
  }
}
