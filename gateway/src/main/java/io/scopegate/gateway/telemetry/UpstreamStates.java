package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the checks of upstreams have found; for any thread. */
public final class UpstreamStates {
  private final MultiGauge up;
  private final MultiGauge multitenant;

  UpstreamStates(MeterRegistry registry) {
    up =
        MultiGauge.builder("scopegate.upstream.up")
            .description("1 if the upstream was reachable and spoke what is forwarded to it")
            .register(registry);
    multitenant =
        MultiGauge.builder("scopegate.upstream.multitenant")
            .description("1 if the Tempo refuses queries without a tenant, 0 if it answers them")
            .register(registry);
  }

  /**
   * What is known of an upstream.
   *
   * @param isUp whether it was reached and speaks what is sent to it
   * @param isMultitenant null when that is not known
   */
  public record State(boolean isUp, @Nullable Boolean isMultitenant) {}

  /** Replaces everything that is shown, by name. */
  public void replaceWith(Map<String, State> all) {
    List<Row<?>> ups = new ArrayList<>();
    List<Row<?>> tenants = new ArrayList<>();
    all.forEach((name, state) -> {
      Tags tags = Tags.of("upstream", name);
      ups.add(Row.of(tags, state.isUp() ? 1 : 0));
      Boolean known = state.isMultitenant();
      if (known != null) {
        tenants.add(Row.of(tags, known ? 1 : 0));
      }
    });
    up.register(ups, true);
    multitenant.register(tenants, true);
  }
}
