package io.scopegate.gateway;

import io.scopegate.config.EffectiveYaml;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.admin.Console;
import io.scopegate.gateway.explain.ExplainConfig;
import io.scopegate.gateway.explain.Explainer;
import io.scopegate.gateway.explain.Explanation;
import io.scopegate.gateway.explain.Inquiry;
import io.scopegate.gateway.telemetry.RecentRefusals;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;

/** Shows the running gateway on its console: what is in force, by the caches that serve clients. */
final class LiveConsole implements Console {
  private final RecentRefusals refusals;
  private volatile InForce inForce;

  LiveConsole(RecentRefusals refusals, GatewayConfig config, Access access) {
    this.refusals = refusals;
    this.inForce = InForce.of(config, access);
  }

  /** From now on this is in force. */
  void become(GatewayConfig config, Access access) {
    inForce = InForce.of(config, access);
  }

  @Override
  public Future<Explanation> explain(Inquiry inquiry) {
    InForce now = inForce;
    return now.explainer.explain(inquiry, now.explainer.place(inquiry), now.access);
  }

  @Override
  public String configuration() {
    return EffectiveYaml.of(inForce.config);
  }

  @Override
  public List<RecentRefusals.Noted> refusals() {
    return refusals.last();
  }

  private record InForce(GatewayConfig config, Explainer explainer, Access access) {
    static InForce of(GatewayConfig config, Access access) {
      return new InForce(config, LiveConsole.explainer(config), access);
    }
  }

  /** Explains by a configuration. */
  static Explainer explainer(GatewayConfig config) {
    return new Explainer(
        new ExplainConfig(
            config.listeners(),
            config.effectiveUpstreams(),
            config.tenancy(),
            config.limits(),
            config.forwarding()),
        InstantSource.system());
  }
}
