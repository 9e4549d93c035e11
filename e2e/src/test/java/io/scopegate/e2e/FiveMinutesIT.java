package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Guide.Block;
import io.scopegate.testkit.TestCa;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * "Five minutes on kind", the command of the troubleshooting page, and "Upgrade and roll back",
 * typed one after the other into one shell, against an API server that has nothing of Scopegate
 * yet; and the page of the chart. Only what needs nodes or an image is left out. Where the guide's
 * Pod would run, the gateway runs here with the configuration that the chart put into the cluster;
 * only ports and files differ.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FiveMinutesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String IMAGE =
      "kubectl -n scopegate get deployment scopegate"
          + " -o jsonpath='{.spec.template.spec.containers[0].image}'";

  /** What may be left out: nothing that Scopegate, Helm's client or a bare API server does. */
  private static final Set<String> LEFT =
      Set.of("kind", "helm", "docker", "port-forward", "rollout", "cosign", "gh");

  private final Guide page = Guide.of("docs/five-minutes.md");
  private final Guide chart = Guide.of("deploy/helm/scopegate/README.md");
  private final Guide upgrade = Guide.of("docs/upgrade.md");
  private final Guide troubleshooting = Guide.of("docs/troubleshooting.md");
  private final int grpc = FreePorts.next();
  private final int http = FreePorts.next();
  private final int query = FreePorts.next();
  private final int admin = FreePorts.next();
  @AutoClose private Cluster cluster;
  @AutoClose private Tempo tempo;
  private Shell shell;

  @BeforeAll
  void start() {
    Parts.need("helm");
    Parts.need("curl");
    Parts.need("openssl");
    cluster = Cluster.empty();
    tempo = Tempo.start();
  }

  /** No controllers run there that would delete the namespace. */
  @BeforeEach
  void open() {
    shell = new Shell("five-minutes", cluster.adminKubeconfig());
    shell.tool("helm");
    shell.run("helm uninstall scopegate -n scopegate --ignore-not-found");
    shell.run("kubectl -n scopegate delete secret scopegate-tls --ignore-not-found");
  }

  @Test
  void onlyWhatNeedsMoreIsLeftOut() {
    for (Guide guide : List.of(page, upgrade, troubleshooting, chart)) {
      assertThat(guide.blocks()).isNotEmpty();
      for (Block block : guide.blocks()) {
        assertThat(LEFT).containsAll(block.left());
      }
    }
    assertThat(page.blocks().get(2).left()).as("the chart's installation is run").isEmpty();
    assertThat(upgrade.below("## Roll back").get(0).left()).isEmpty();
    assertThat(chart.blocks()).hasSize(2).allMatch(block -> block.left().isEmpty());
  }

  @Test
  void everyStepWorksAsItIsPrinted() {
    List<Block> steps = page.blocks();
    assertThat(steps).hasSize(5);
    assertThat(runAll(steps.get(1))).contains("scopegate ");
    assertThat(runAll(steps.get(2))).contains("STATUS: deployed");
    runAll(steps.get(3));
    shell.write("scopegate.yaml", here(installed()));
    try (Part serving = shell.start("./scopegate serve --config scopegate.yaml")) {
      Migration.awaitAnswer(serving, "http://127.0.0.1:" + admin + "/readyz");
      writesAndReads(steps.get(4).runnable());
      for (Block block : troubleshooting.blocks()) {
        assertThat(runAll(block)).contains(" checked, 0 wrong");
      }
      serving.terminate();
      assertThat(serving.awaitEnd(PATIENCE)).isZero();
    }
    upgradesAndRollsBack();
  }

  @Test
  void theChartsPageInstallsUpgradesAndRollsBack() {
    TestCa.Issued issued = cluster.ca().server();
    issued.writeCertificate(shell.directory().resolve("tls.crt"));
    issued.writeKey(shell.directory().resolve("tls.key"));
    List<Block> steps = chart.blocks();
    runAll(steps.get(0));
    assertThat(shell.run(IMAGE)).isEqualTo("registry.example/scopegate:0.1.0");
    List<String> commands = steps.get(1).runnable();
    assertThat(commands).hasSize(2);
    type(commands.get(0));
    assertThat(shell.run(IMAGE)).isEqualTo("registry.example/scopegate:0.1.1");
    type(commands.get(1));
    assertThat(shell.run(IMAGE)).isEqualTo("registry.example/scopegate:0.1.0");
  }

  private void writesAndReads(List<String> requests) {
    assertThat(requests).hasSize(3);
    assertThat(type(requests.get(0))).contains("partialSuccess");
    Until.holds("it is read", PATIENCE, () -> type(requests.get(1)).contains("\"hello\""));
    assertThat(type(requests.get(2)))
        .contains("a ClusterRole with", "resources: [payments], resourceNames: [traces]");
  }

  private void upgradesAndRollsBack() {
    assertThat(shell.run(IMAGE)).endsWith(":dev");
    for (Block block : upgrade.below("## Before")) {
      assertThat(runAll(block)).contains("scopegate.yaml: fine", "upstreams:");
    }
    upgrade.below("## The switch").forEach(this::runAll);
    assertThat(shell.run(IMAGE)).endsWith(":0.1.1");
    upgrade.below("## Roll back").forEach(this::runAll);
    assertThat(shell.run(IMAGE)).endsWith(":dev");
  }

  private String runAll(Block block) {
    StringBuilder output = new StringBuilder();
    block.runnable().forEach(command -> output.append(type(command)));
    return output.toString();
  }

  /** Nothing here starts Pods, so that nothing can be waited for. */
  private String type(String command) {
    String here =
        command
            .replace(" --wait", "")
            .replace("localhost:4318", "localhost:" + http)
            .replace("localhost:3200", "localhost:" + query);
    Part.Ended ended = shell.tryOut(here);
    boolean isThere =
        here.startsWith("kubectl create namespace ") && ended.output().contains("already exists");
    assertThat(ended.code() == 0 || isThere).as("%s\n%s", here, ended.output()).isTrue();
    return ended.output();
  }

  /** The configuration that the chart made of the values. */
  private String installed() {
    return shell.run(
        "kubectl -n scopegate get configmap scopegate -o jsonpath='{.data.scopegate\\.yaml}'");
  }

  /** The same for this machine, where neither the Pod's files nor Tempo's Services are. */
  private String here(String yaml) {
    Object loaded = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    Map<String, Object> keys = new HashMap<>();
    ((Map<?, ?>) loaded).forEach((key, value) -> keys.put(key.toString(), value));
    assertThat(keys.remove("tempo").toString())
        .contains("distributor=tempo.monitoring.svc", "queryFrontend=tempo.monitoring.svc");
    GatewayRun.Upstreams ports = tempo.ports();
    return new JsonObject(keys)
        .put(
            "upstreams",
            new JsonObject()
                .put("grpc", upstream(ports.otlpGrpc(), "h2c"))
                .put("http", upstream(ports.otlpHttp(), "http1"))
                .put("query", upstream(ports.query(), "auto")))
        .put(
            "listeners",
            new JsonObject()
                .put("otlp-grpc", listener(grpc, "otlp-grpc", "grpc"))
                .put("otlp-http", listener(http, "otlp-http", "http"))
                .put("query", listener(query, "tempo-query", "query")))
        .put("admin", new JsonObject().put("address", "127.0.0.1:" + admin))
        .put(
            "authentication",
            new JsonObject()
                .put(
                    "kubernetes",
                    new JsonObject().put("kubeconfig", cluster.kubeconfig().toString())))
        .encodePrettily()
        .replace("/etc/scopegate/tls/", shell.directory() + "/");
  }

  private static JsonObject upstream(int port, String protocol) {
    return new JsonObject().put("url", "http://127.0.0.1:" + port).put("protocol", protocol);
  }

  private static JsonObject listener(int port, String serves, String upstream) {
    return new JsonObject()
        .put("address", "127.0.0.1:" + port)
        .put("serves", new JsonArray().add(serves))
        .put("upstream", upstream);
  }
}
