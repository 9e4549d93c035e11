package io.scopegate.gateway.explain;

import io.scopegate.gateway.access.AuthorizationConfig;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.access.TenancyConfig;
import io.scopegate.gateway.forward.ForwardingConfig;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.limit.TenantLimits;
import io.scopegate.gateway.listen.ListenerConfig;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What of the configuration an explanation shows; what decides is behind {@code Access}.
 *
 * @param listeners by name, in the order of the file
 * @param upstreams by name
 * @param authorization what is reviewed, and whether refusals are more than logged
 * @param tenancy how the tenant header is called
 * @param limits what holds for a tenant, by its name
 * @param enforceLimits whether limits are more than logged
 * @param forwarding what upstream gets to see
 */
public record ExplainConfig(
    Map<String, ListenerConfig> listeners,
    Map<String, UpstreamConfig> upstreams,
    AuthorizationConfig authorization,
    TenancyConfig tenancy,
    Function<String, TenantLimits> limits,
    Enforcement enforceLimits,
    ForwardingConfig forwarding) {

  /** Copies the maps, keeping their order. */
  public ExplainConfig {
    listeners = Collections.unmodifiableMap(new LinkedHashMap<>(listeners));
    upstreams = Map.copyOf(upstreams);
  }
}
