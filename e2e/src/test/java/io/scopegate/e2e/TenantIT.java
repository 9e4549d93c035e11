package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.Traces;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What {@code scopegate tenant} prints makes a tenant: it is applied and used as it is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TenantIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Cluster cluster;
  @AutoClose private Tempo tempo;
  @AutoClose private GatewayRun gateway;
  @AutoClose private Rpc rpc;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    tempo = Tempo.start();
    gateway = GatewayRun.of(cluster, tempo.ports()).start("tenant");
    rpc = new Rpc(cluster.ca());
  }

  private static String printed(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.scopegate.gateway.cli.Main"));
    command.add("tenant");
    command.addAll(List.of(arguments));
    Part.Ended ended =
        Part.run("scopegate-tenant", Scratch.directory("tenant"), Map.of(), PATIENCE, command);
    assertThat(ended.code()).as(ended.output()).isZero();
    return ended.output();
  }

  private static String data(String yaml, String configMap, String key) {
    Manifest manifest =
        Manifest.all(yaml).stream()
            .filter(one -> one.kind().equals("ConfigMap") && one.name().equals(configMap))
            .findFirst()
            .orElseThrow();
    Map<?, ?> object =
        (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(manifest.text());
    return String.valueOf(((Map<?, ?>) object.get("data")).get(key));
  }

  @Test
  void tracesFlowAndAreRead() {
    String yaml = printed("bakery", "--namespace", "bakery-apps", "--gateway", "localhost");
    cluster.apply(yaml);
    int receiver = FreePorts.next();
    Path directory = Scratch.directory("bakery");
    String collector =
        data(yaml, "tempo-collector", "collector.yaml")
            .replace("localhost:4317", "localhost:" + gateway.ports().otlpGrpc())
            .replace("localhost:4318", "localhost:" + gateway.ports().otlpHttp())
            .replace("0.0.0.0:4317", "127.0.0.1:" + receiver)
            .replace("0.0.0.0:4318", "127.0.0.1:" + FreePorts.next())
            .replace("/var/run/secrets/tempo", directory.toString());
    Scratch.write(directory.resolve("token"), cluster.token("bakery-apps", "collector"));
    cluster.ca().writePem(directory.resolve("ca.crt"));
    Path file = Scratch.write(directory.resolve("collector.yaml"), collector);
    String id = Traces.newId();
    try (Part process =
        Part.start(
            "otelcol-tenant",
            directory,
            Map.of(),
            List.of(Parts.need("otelcol").toString(), "--config", file.toString()))) {
      Until.holds(
          "the collector takes spans",
          PATIENCE,
          () ->
              rpc.callInClearText(receiver, Collector.EXPORT, Collector.thousandSpans(id)).status()
                  == GrpcStatus.OK);
      Until.holds("they are in Tempo", PATIENCE, () -> tempo.spans("bakery", id) == 1_000);
    }

    String source = data(yaml, "tempo-grafana", "tempo-bakery.yaml");
    assertThat(source).contains("basicAuthUser: grafana", "httpHeaderValue1: \"bakery\"");
    String basic = "grafana:" + cluster.token("bakery-apps", "grafana");
    Http.Reply read =
        Http.one(cluster.ca())
            .get(
                gateway.query("/api/v2/traces/" + id),
                "authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8)),
                "x-scope-orgid",
                "bakery");
    assertThat(read.status()).isEqualTo(200);
    assertThat(read.text()).contains("POST /cart");
  }

  @Test
  void bothMappingsAreAccepted() {
    cluster.account("florist", "somebody");
    for (String mapping : List.of("tempo-operator", "namespaced")) {
      for (Manifest manifest : Manifest.all(printed("florist", "--mapping", mapping))) {
        Http.Reply reply = cluster.dryRun(manifest);
        assertThat(reply.status()).as("%s: %s", manifest, reply).isIn(200, 201);
      }
    }
  }
}
