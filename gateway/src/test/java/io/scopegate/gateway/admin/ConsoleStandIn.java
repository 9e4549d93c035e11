package io.scopegate.gateway.admin;

import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.explain.Explanation;
import io.scopegate.gateway.telemetry.ClusterState;
import io.scopegate.gateway.telemetry.LastReload;
import io.scopegate.gateway.telemetry.RecentRefusals;
import io.scopegate.gateway.telemetry.UpstreamEndpointState;
import io.scopegate.gateway.tls.TlsFile;
import io.scopegate.gateway.tls.TlsUse;
import io.scopegate.gateway.traffic.Figures;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** A gateway with nothing but what a test says. */
final class ConsoleStandIn implements Console {
  final AtomicInteger looks = new AtomicInteger();

  /** How many tenants there are. */
  volatile int tenants = 1;

  /** What their names begin with. */
  volatile String name = "tenant";

  /** Told the number of each look. */
  volatile IntConsumer onLook = look -> {};

  volatile LastReload reload = new LastReload(Instant.EPOCH, true, List.of(), List.of(), List.of());

  @Override
  public Future<Explanation> explain(ExplainRequest inquiry) {
    return Future.failedFuture("none");
  }

  @Override
  public String configuration() {
    return "tempo: null\n";
  }

  @Override
  public ClusterState cluster() {
    return new ClusterState(Map.of("pods", true), false, Map.of("cluster", 2));
  }

  @Override
  public Map<String, List<UpstreamEndpointState>> upstreams() {
    return Map.of(
        "query", List.of(new UpstreamEndpointState("10.0.0.1:3200", 1, 5, 1, 0, true, null)));
  }

  @Override
  public List<RecentRefusals.Noted> refusals() {
    return List.of();
  }

  /** Each look finds one more request of each tenant. */
  @Override
  public Figures figures() {
    int look = looks.incrementAndGet();
    onLook.accept(look);
    Figures figures = new Figures();
    for (int i = 0; i < tenants; i++) {
      Map<String, String> labels = Map.of("tenant", name + i, "operation", "write");
      figures.add("scopegate_tenant_requests_total", labels::get, look);
    }
    figures.add("scopegate_requests_total", label -> null, (double) look * tenants);
    figures.add("scopegate_budget_used_ratio", Map.of("budget", "bytes")::get, 0.9);
    figures.add("scopegate_own_credential_expiration_timestamp_seconds", label -> null, 3_600);
    figures.add("scopegate_upstream_connections", Map.of("upstream", "query")::get, 3);
    return figures;
  }

  @Override
  public Map<String, TlsUse> certificates() {
    Path file = Path.of("tls.crt");
    return Map.of(
        "listeners.late.tls", new TlsUse(List.of(), List.of(new TlsFile(file, after(2)))),
        "listeners.early.tls", new TlsUse(List.of(), List.of(new TlsFile(file, after(1)))));
  }

  private static Instant after(int days) {
    return Instant.EPOCH.plusSeconds(days * 86_400L);
  }

  @Override
  public LastReload lastReload() {
    return reload;
  }

  @Override
  public boolean isConfigurationCurrent() {
    return true;
  }
}
