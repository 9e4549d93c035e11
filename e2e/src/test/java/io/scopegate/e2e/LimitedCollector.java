package io.scopegate.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A real collector that queues and retries, and writes to the gateway in every {@link Way}. */
final class LimitedCollector implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(60);

  private final Map<Way, Integer> ports = new EnumMap<>(Way.class);
  private final int metrics = FreePorts.next();
  private final Http http;
  private final Part process;

  private LimitedCollector(Cluster cluster, GatewayRun gateway, String token) {
    http = Http.one(cluster.ca());
    Path directory = Scratch.directory("limited-collector");
    int health = FreePorts.next();
    Map<String, String> values = new HashMap<>();
    values.put("TOKEN_FILE", Scratch.write(directory.resolve("token"), token).toString());
    values.put("GATE_OTLP_GRPC", "localhost:" + gateway.ports().otlpGrpc());
    values.put("GATE_OTLP_HTTP", "https://localhost:" + gateway.ports().otlpHttp());
    values.put("GATE_CA_FILE", cluster.ca().writePem(directory.resolve("ca.crt")).toString());
    values.put("COLLECTOR_HEALTH_PORT", Integer.toString(health));
    values.put("COLLECTOR_METRICS_PORT", Integer.toString(metrics));
    for (Way way : Way.values()) {
      int port = FreePorts.next();
      ports.put(way, port);
      values.put(way.name() + "_PORT", Integer.toString(port));
    }
    Path config =
        Scratch.write(
            directory.resolve("collector.yaml"),
            Scratch.template("limited-collector.yaml", values));
    process =
        Part.start(
            "otelcol",
            directory,
            Map.of(),
            List.of(Parts.need("otelcol").toString(), "--config", config.toString()));
    Until.holds(
        "the collector is ready",
        READY,
        () -> http.get("http://127.0.0.1:" + health + "/").status() == 200);
  }

  /** Starts one whose account may write for the tenants of all ways. */
  static LimitedCollector start(Cluster cluster, GatewayRun gateway) {
    cluster.account("limited", "ingest");
    for (Way way : Way.values()) {
      mayWrite(cluster, way.tenant());
    }
    return new LimitedCollector(cluster, gateway, cluster.token("limited", "ingest"));
  }

  private static void mayWrite(Cluster cluster, String tenant) {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: traces-%1$s-write}
        rules: [{apiGroups: [tempo.grafana.com], resources: [%1$s], resourceNames: [traces], verbs: [create]}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: traces-%1$s-write}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: traces-%1$s-write}
        subjects: [{kind: ServiceAccount, name: ingest, namespace: limited}]
        """
            .formatted(tenant));
  }

  /** Takes OTLP/gRPC in clear text, for this way out. */
  int port(Way way) {
    return Objects.requireNonNull(ports.get(way));
  }

  /** How many spans it has given up by its own account: not taken into its queue, or dropped. */
  long dropped(Way way) {
    Metrics now = Metrics.of(http.get("http://127.0.0.1:" + metrics + "/metrics").text());
    String exporter = "exporter=\"" + way.exporter() + "\"";
    return total(now, "otelcol_exporter_send_failed_spans", exporter)
        + total(now, "otelcol_exporter_enqueue_failed_spans", exporter);
  }

  /** Some versions end the names of counters in {@code _total}. */
  private static long total(Metrics metrics, String name, String label) {
    return metrics.sum(name, label) + metrics.sum(name + "_total", label);
  }

  Part process() {
    return process;
  }

  @Override
  public void close() {
    process.close();
  }
}
