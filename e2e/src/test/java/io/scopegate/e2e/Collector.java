package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real collector that writes to the gateway over TLS with the token of a file. */
final class Collector implements AutoCloseable {
  static final String EXPORT = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final Duration READY = Duration.ofSeconds(60);

  private final int toGrpc = FreePorts.next();
  private final int toHttp = FreePorts.next();
  private final int metrics = FreePorts.next();
  private final Http http;
  private final Part process;

  private Collector(Cluster cluster, GatewayRun.Ports gateway, String tenant, String token) {
    http = Http.one(cluster.ca());
    Path directory = Scratch.directory("collector");
    int health = FreePorts.next();
    Path config =
        Scratch.write(
            directory.resolve("collector.yaml"),
            Scratch.template(
                "collector.yaml",
                Map.of(
                    "TOKEN_FILE", Scratch.write(directory.resolve("token"), token).toString(),
                    "TENANT", tenant,
                    "GATE_OTLP_GRPC", "localhost:" + gateway.otlpGrpc(),
                    "GATE_OTLP_HTTP", "https://localhost:" + gateway.otlpHttp(),
                    "GATE_CA_FILE", cluster.ca().writePem(directory.resolve("ca.crt")).toString(),
                    "COLLECTOR_HEALTH_PORT", Integer.toString(health),
                    "COLLECTOR_TO_GRPC_PORT", Integer.toString(toGrpc),
                    "COLLECTOR_TO_HTTP_PORT", Integer.toString(toHttp),
                    "COLLECTOR_METRICS_PORT", Integer.toString(metrics))));
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

  /** Starts one with this token that writes for this tenant. */
  static Collector start(Cluster cluster, GatewayRun gateway, String tenant, String token) {
    return start(cluster, gateway.ports(), tenant, token);
  }

  /** The same that writes to these ports. */
  static Collector start(Cluster cluster, GatewayRun.Ports gateway, String tenant, String token) {
    return new Collector(cluster, gateway, tenant, token);
  }

  /** The port whose spans leave as OTLP/gRPC. */
  int toGrpc() {
    return toGrpc;
  }

  /** The port whose spans leave as OTLP/HTTP. */
  int toHttp() {
    return toHttp;
  }

  Part process() {
    return process;
  }

  /**
   * Hands it traces of a thousand spans each.
   *
   * @param port one of its two
   * @return their ids
   */
  List<String> take(Rpc rpc, int port, int traces) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < traces; i++) {
      String id = Traces.newId();
      Rpc.Called called = rpc.callInClearText(port, EXPORT, thousandSpans(id));
      assertThat(called.status()).isEqualTo(GrpcStatus.OK);
      ids.add(id);
    }
    return ids;
  }

  /** A trace of a thousand spans that began just now. */
  static ExportTraceServiceRequest thousandSpans(String id) {
    long start = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - 5_000);
    return Traces.batch(id, "checkout", "POST /cart", 1_000, start);
  }

  /** Whether it has given up on spans, by its own account. */
  boolean hasDroppedSpans() {
    return http.get("http://127.0.0.1:" + metrics + "/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("otelcol_exporter_send_failed_spans"))
        .anyMatch(line -> !line.endsWith(" 0"));
  }

  @Override
  public void close() {
    process.close();
  }
}
