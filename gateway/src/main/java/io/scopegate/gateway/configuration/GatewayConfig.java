package io.scopegate.gateway.configuration;

import io.scopegate.authz.AuthenticationConfig;
import io.scopegate.config.Key;
import io.scopegate.gateway.access.AuthorizationConfig;
import io.scopegate.gateway.access.TenancyConfig;
import io.scopegate.gateway.admin.AdminConfig;
import io.scopegate.gateway.forward.ForwardingConfig;
import io.scopegate.gateway.forward.TempoConfig;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.limit.LimitsConfig;
import io.scopegate.gateway.listen.ClientsConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.probe.UpstreamChecksConfig;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.TracingConfig;
import io.scopegate.gateway.telemetry.UsageConfig;
import io.scopegate.gateway.tls.TlsConfig;
import io.scopegate.gateway.tls.TlsProvider;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration file.
 *
 * @param tempo where Tempo is; the short form of {@code upstreams}
 * @param upstreams the servers that requests go to, by name; null when made from {@code tempo}, see
 *     {@link #effectiveUpstreams()}
 * @param listeners the ports, by name; each with {@code tls} and {@code clients} already merged
 * @param tls the default of all listeners
 * @param clients the default of all listeners
 * @param authentication how a caller is known
 * @param authorization how a right is asked for
 * @param tenancy which tenant a request is for
 * @param limits what a tenant may use at most
 * @param forwarding what happens to a request on its way
 * @param upstreamChecks when upstreams are looked at
 * @param admin where operators look
 * @param log what is logged
 * @param usage what is recorded of what tenants use
 * @param tracing which requests get a span of the gateway's own
 */
public record GatewayConfig(
    @Key(
            doc =
                "Where Tempo is; creates three upstreams on Tempo's usual ports. Either this or"
                    + " `upstreams` is required.")
        @Nullable TempoConfig tempo,
    @Key(
            doc =
                "The servers that requests are forwarded to, by name; created from `tempo` when"
                    + " absent.",
            reload = Key.Reload.AT_ONCE)
        @Nullable Map<String, UpstreamConfig> upstreams,
    @Key(
            doc = "The ports, by name; a mapping given here replaces all default listeners.",
            def =
                "{otlp-grpc: {address: \"0.0.0.0:4317\", serves: [otlp-grpc],"
                    + " upstream: distributor-otlp-grpc},"
                    + " otlp-http: {address: \"0.0.0.0:4318\", serves: [otlp-http],"
                    + " upstream: distributor-otlp-http},"
                    + " query: {address: \"0.0.0.0:3200\", serves: [tempo-query],"
                    + " upstream: query-frontend}}",
            reload = Key.Reload.AT_ONCE)
        Map<String, ListenerConfig> listeners,
    @Key(doc = "TLS of all listeners; a listener may override it key by key.") TlsConfig tls,
    @Key(doc = "Limits for the clients of all listeners; a listener may override them key by key.")
        ClientsConfig clients,
    @Key(doc = "How callers are authenticated.") AuthenticationConfig authentication,
    @Key(doc = "How requests are authorized.") AuthorizationConfig authorization,
    @Key(doc = "Which tenant a request is for.") TenancyConfig tenancy,
    @Key(doc = "What a tenant may use at most.") LimitsConfig limits,
    @Key(doc = "How requests are forwarded.") ForwardingConfig forwarding,
    @Key(doc = "Checks whether upstreams are there, and whether Tempo is multi-tenant.")
        UpstreamChecksConfig upstreamChecks,
    @Key(doc = "Ports for operators.") AdminConfig admin,
    @Key(doc = "What is logged.") LogConfig log,
    @Key(doc = "What is recorded of what tenants use.") UsageConfig usage,
    @Key(doc = "Spans of the gateway's own.") TracingConfig tracing) {

  /** Copies the maps, keeping their order. */
  public GatewayConfig {
    upstreams =
        upstreams == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(upstreams));
    listeners = Collections.unmodifiableMap(new LinkedHashMap<>(listeners));
  }

  /** The upstreams by name: those given, or those that {@code tempo} stands for. */
  public Map<String, UpstreamConfig> effectiveUpstreams() {
    Map<String, UpstreamConfig> all =
        upstreams != null ? upstreams : tempo == null ? Map.of() : tempo.upstreams();
    if (tls.provider() == TlsProvider.AUTO) {
      return all;
    }
    Map<String, UpstreamConfig> forced = new LinkedHashMap<>();
    all.forEach((name, one) -> forced.put(name, one.orProvider(tls.provider())));
    return Collections.unmodifiableMap(forced);
  }

  /**
   * The same configuration with everything that stands for something else written out: upstreams
   * for {@code tempo}, and the mapping's resource attributes.
   */
  public GatewayConfig effective() {
    AuthorizationConfig asked =
        new AuthorizationConfig(
            authorization.mapping(),
            authorization.effectiveResourceAttributes(),
            authorization.rewrites(),
            authorization.verbs(),
            authorization.decisionCache(),
            authorization.enforce(),
            authorization.watchRbac(),
            authorization.staticRules());
    return new GatewayConfig(
        null,
        effectiveUpstreams(),
        listeners,
        tls,
        clients,
        authentication,
        asked,
        tenancy,
        limits,
        forwarding,
        upstreamChecks,
        admin,
        log,
        usage,
        tracing);
  }
}
