package io.scopegate.gateway.reload;

import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.access.PolicyAccess;
import io.scopegate.gateway.configuration.GatewayConfig;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway goes by now. {@link ActiveConfiguration} holds the only one and replaces it as a
 * whole; who needs it now and then (the console, re-checks of requests in progress) asks there.
 * What is on every request's way is told instead, when it changes: the pipelines of each event
 * loop, limits and logs.
 *
 * @param config what was loaded
 * @param policy decides by it; null while the API server's client is still being made
 */
public record InForce(GatewayConfig config, @Nullable PolicyAccess policy) {

  /** Decides about requests; while the gateway is starting it tells them to retry. */
  public Access access() {
    return policy == null ? StartingAccess.INSTANCE : policy;
  }

  /** How many listeners forward what they would refuse. */
  public long auditOnlyListeners() {
    return config.listeners().values().stream()
        .filter(listener -> listener.isAuditOnly(config.authorization().enforce()))
        .count();
  }

  /** Whether requests over the limits of their tenants are forwarded. */
  public boolean onlyLogsLimits() {
    return config.limits().enforce() == Enforcement.AUDIT;
  }

  /** Decides again about requests that were let through, so not before anything was. */
  public PolicyAccess recheck() {
    return Objects.requireNonNull(policy, "policy");
  }
}
