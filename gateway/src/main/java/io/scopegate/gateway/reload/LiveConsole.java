package io.scopegate.gateway.reload;

import io.scopegate.authz.User;
import io.scopegate.config.EffectiveYaml;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.PolicyAccess;
import io.scopegate.gateway.admin.Console;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.explain.ExplainConfig;
import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.explain.Explainer;
import io.scopegate.gateway.explain.Explanation;
import io.scopegate.gateway.limit.Limiter;
import io.scopegate.gateway.limit.TenantLimits;
import io.scopegate.gateway.telemetry.ClusterState;
import io.scopegate.gateway.telemetry.LastReload;
import io.scopegate.gateway.telemetry.RecentRefusals;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.telemetry.UpstreamEndpointState;
import io.scopegate.gateway.tls.TlsUse;
import io.scopegate.gateway.traffic.Figures;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The console's view of the running gateway: it decides with the caches that serve clients. */
public final class LiveConsole implements Console {
  private final Telemetry telemetry;
  private final Limiter limiter;
  private final Supplier<InForce> inForce;

  /**
   * Shows a gateway.
   *
   * @param inForce what it goes by, asked for each look
   */
  public LiveConsole(Telemetry telemetry, Limiter limiter, Supplier<InForce> inForce) {
    this.telemetry = telemetry;
    this.limiter = limiter;
    this.inForce = inForce;
  }

  @Override
  public Future<Explanation> explain(ExplainRequest inquiry) {
    InForce now = inForce.get();
    Explainer explainer = explainer(now.config(), limiter::limits);
    return explainer.explain(inquiry, explainer.place(inquiry), access(now, inquiry.as()));
  }

  private static Access access(InForce now, @Nullable User as) {
    PolicyAccess policy = now.policy();
    return policy == null || as == null ? now.access() : policy.as(as);
  }

  @Override
  public String configuration() {
    return EffectiveYaml.of(inForce.get().config());
  }

  @Override
  public List<RecentRefusals.Noted> refusals() {
    return telemetry.refusals().last();
  }

  @Override
  public ClusterState cluster() {
    return telemetry.kubernetes().state();
  }

  @Override
  public Map<String, List<UpstreamEndpointState>> upstreams() {
    return telemetry.endpoints();
  }

  @Override
  public Figures figures() {
    return telemetry.figures();
  }

  @Override
  public Map<String, TlsUse> certificates() {
    return telemetry.tls();
  }

  @Override
  public LastReload lastReload() {
    return telemetry.configuration().last();
  }

  @Override
  public boolean isConfigurationCurrent() {
    return telemetry.configuration().isCurrent();
  }

  /**
   * Explains by a configuration.
   *
   * @param limits what holds for a tenant
   */
  public static Explainer explainer(GatewayConfig config, Function<String, TenantLimits> limits) {
    return new Explainer(
        new ExplainConfig(
            config.listeners(),
            config.effectiveUpstreams(),
            config.authorization(),
            config.tenancy(),
            limits,
            config.limits().enforce(),
            config.forwarding()),
        InstantSource.system());
  }
}
