package io.scopegate.gateway.forward;

import io.scopegate.config.Host;
import io.scopegate.config.Key;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where Tempo is, on its usual ports.
 *
 * @param distributor takes OTLP on 4317 and 4318
 * @param queryFrontend answers queries on 3200
 */
public record TempoConfig(
    @Key(
            doc = "Host of the distributor, which receives OTLP on ports 4317 and 4318.",
            reload = Key.Reload.AT_ONCE)
        Host distributor,
    @Key(
            doc = "Host of the query frontend, which answers on port 3200.",
            reload = Key.Reload.AT_ONCE)
        Host queryFrontend) {

  /** The upstreams that this stands for, by name. */
  public Map<String, UpstreamConfig> upstreams() {
    Map<String, UpstreamConfig> all = new LinkedHashMap<>();
    all.put("distributor-otlp-grpc", upstream(distributor, 4317, UpstreamConfig.Protocol.H2C));
    all.put("distributor-otlp-http", upstream(distributor, 4318, UpstreamConfig.Protocol.HTTP1));
    all.put("query-frontend", upstream(queryFrontend, 3200, UpstreamConfig.Protocol.AUTO));
    return Collections.unmodifiableMap(all);
  }

  private static UpstreamConfig upstream(Host host, int port, UpstreamConfig.Protocol protocol) {
    return UpstreamConfig.of(new UpstreamUrl(false, host.name(), port), protocol);
  }
}
