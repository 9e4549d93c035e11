package io.scopegate.gateway.probe;

import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.RouteConfig;
import io.scopegate.gateway.route.Protocol;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What an upstream is used for.
 *
 * @param config where it is
 * @param serves what the listeners that lead there serve; never empty
 */
record UpstreamUse(UpstreamConfig config, Set<Protocol> serves) {
  /**
   * The uses of all upstreams that a listener leads to, by name. Those of proxies are not among
   * them: what stands behind a proxy is no Tempo.
   */
  static Map<String, UpstreamUse> of(
      Map<String, UpstreamConfig> upstreams, Map<String, ListenerConfig> listeners) {
    Map<String, UpstreamUse> uses = new LinkedHashMap<>();
    upstreams.forEach((name, config) -> {
      Set<Protocol> serves = EnumSet.noneOf(Protocol.class);
      for (ListenerConfig listener : listeners.values()) {
        for (RouteConfig route : listener.effectiveRoutes()) {
          if (route.upstream().equals(name)) {
            serves.addAll(route.serves());
          }
        }
      }
      serves.remove(Protocol.PROXY);
      if (!serves.isEmpty()) {
        uses.put(name, new UpstreamUse(config, serves));
      }
    });
    return uses;
  }

  /** Whether it is queried, so that it must be multi-tenant. */
  boolean isQueried() {
    return serves.contains(Protocol.TEMPO_QUERY);
  }

  /** Whether calls of gRPC go there. */
  boolean takesCalls() {
    return isQueried() || serves.stream().anyMatch(Protocol::hasOnlyCalls);
  }

  /** Whether requests that are no calls go there. */
  boolean takesRequests() {
    return serves.stream().anyMatch(protocol -> !protocol.hasOnlyCalls());
  }
}
