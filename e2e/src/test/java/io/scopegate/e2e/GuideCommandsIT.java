package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Guide.Block;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The commands of the guides, typed in their order into a shell of their own, in a directory with
 * nothing but {@code scopegate} and {@code deploy}, against a real API server. No controllers run
 * there: {@link Guide} says how a guide marks what needs some.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GuideCommandsIT {
  private static final String DEPLOY = "deploy/README.md";
  private static final String IMAGE = "deploy/image/README.md";
  private static final String BENCHMARKS = "docs/benchmarks.md";
  private static final String NGINX = "docs/guides/migrate-from-helm-nginx.md";
  private static final String PROXY = "docs/guides/migrate-from-kube-rbac-proxy.md";
  private static final String OPERATOR = "docs/guides/migrate-from-tempo-operator-gateway.md";

  /** What may be left out: nothing that Scopegate or a bare API server does. */
  private static final Set<String> LEFT =
      Set.of(
          "helm",
          "rollout",
          "logs",
          "port-forward",
          "curl",
          "tempostack",
          "get secret",
          "deploy/image/build",
          "deploy/image/measure",
          "loadtest/measure",
          "skopeo",
          "sed",
          "run-unpacked",
          "docker");

  /**
   * Pages with commands that are typed elsewhere, or that only show what a command may be given.
   */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "README.md", "ReadmeIT",
          "docs/five-minutes.md", "FiveMinutesIT",
          "docs/troubleshooting.md", "FiveMinutesIT",
          "docs/upgrade.md", "FiveMinutesIT",
          "deploy/helm/scopegate/README.md", "FiveMinutesIT",
          "deploy/monitoring/README.md", "MonitoringIT",
          "docs/reference/admin.md", "ConsoleIT");

  /** What stands in the cluster before the migrations, as far as commands ask for it. */
  private static final String BEFORE =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: monitoring}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: tracing}
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: tempo-gateway, namespace: monitoring}
      data: {nginx.conf: ""}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: tempo-gateway, namespace: monitoring}
      spec: {ports: [{name: http, port: 80}]}
      """;

  private Cluster cluster;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    cluster.apply(BEFORE);
  }

  /** The cluster is shared, and what has a selector could not be what another test asks for. */
  @AfterAll
  void leaveNoPods() {
    new Shell("guide", cluster.adminKubeconfig())
        .run("kubectl delete deployments,statefulsets --all --all-namespaces");
  }

  static List<String> guides() throws IOException {
    try (Stream<Path> files = Files.list(Scratch.repository("docs/guides"))) {
      Stream<String> guides =
          files
              .filter(file -> file.toString().endsWith(".md"))
              .sorted()
              .map(file -> "docs/guides/" + file.getFileName())
              .filter(GuideCommandsIT::hasAny);
      return Stream.concat(guides, Stream.of(DEPLOY, IMAGE, BENCHMARKS)).toList();
    }
  }

  private static boolean hasAny(String path) {
    return !Guide.of(path).blocks().isEmpty();
  }

  @Test
  void everyGuideWithCommandsIsFound() throws IOException {
    assertThat(guides()).hasSizeGreaterThanOrEqualTo(7).contains(NGINX, PROXY, OPERATOR);
  }

  @Test
  void everyPageWithCommandsIsTypedSomewhere() throws IOException {
    List<String> typed = new ArrayList<>(guides());
    typed.addAll(ELSEWHERE.keySet());
    // ExamplesIT has each of deploy/examples
    assertThat(pagesWithCommands())
        .filteredOn(page -> !page.startsWith("deploy/examples/"))
        .containsExactlyInAnyOrderElementsOf(typed);
  }

  private static List<String> pagesWithCommands() throws IOException {
    List<String> pages = new ArrayList<>(List.of("README.md"));
    Path repository = Scratch.repository(".");
    for (String top : List.of("docs", "deploy")) {
      try (Stream<Path> files = Files.walk(repository.resolve(top))) {
        files
            .map(file -> repository.relativize(file).toString())
            .filter(path -> path.endsWith(".md") && !path.contains("/target/"))
            .filter(GuideCommandsIT::hasAny)
            .forEach(pages::add);
      }
    }
    return pages;
  }

  @ParameterizedTest
  @MethodSource("guides")
  void onlyWhatNeedsMoreIsLeftOut(String path) {
    for (Block block : Guide.of(path).blocks()) {
      assertThat(block.commands()).isNotEmpty();
      assertThat(LEFT).containsAll(block.left());
      assertThat(block.left())
          .allSatisfy(words -> assertThat(block.commands()).anyMatch(c -> c.contains(words)));
    }
  }

  @ParameterizedTest
  @MethodSource("guides")
  void everyCommandSucceeds(String path) {
    Shell shell = new Shell("guide", cluster.adminKubeconfig());
    prepare(path, shell);
    for (Block block : Guide.of(path).blocks()) {
      block.runnable().forEach(command -> run(shell, command));
    }
    if (path.equals(OPERATOR)) {
      assertThat(Scratch.read(shell.directory().resolve("scopegate.yaml")))
          .isEqualTo(example("migrate-from-tempo-operator-gateway/scopegate.yaml"));
    }
  }

  /** The cluster is shared, so what is created may be there. */
  private static void run(Shell shell, String command) {
    String here = command.replace("/etc/kube-rbac-proxy/config.yaml", "config.yaml");
    Part.Ended ended = shell.tryOut(here);
    boolean isThere =
        here.startsWith("kubectl ")
            && here.contains(" create ")
            && ended.output().toLowerCase(Locale.ROOT).matches("(?s).*already ?exists.*");
    assertThat(ended.code() == 0 || isThere).as("%s\n%s", here, ended.output()).isTrue();
  }

  private static String example(String file) {
    return Scratch.read(Scratch.repository("deploy/examples/" + file));
  }

  /** The files that a guide shows or tells its reader to have. */
  private void prepare(String path, Shell shell) {
    TestCa.Issued issued = cluster.ca().server();
    issued.writeCertificate(shell.directory().resolve("tls.crt"));
    issued.writeKey(shell.directory().resolve("tls.key"));
    cluster.ca().writePem(shell.directory().resolve("ca.crt"));
    String tokens = shell.write("tokens.yaml", example("migrate-from-helm-nginx/tokens.yaml")) + "";
    switch (path) {
      case "docs/guides/grafana.md" -> {
        shell.write("grafana-token.yaml", shown(path, "# grafana-token.yaml\n"));
        shell.write("token", cluster.token("payments", "query"));
        shell.write(
            "scopegate.yaml",
            """
            tempo: {distributor: tempo-distributor, queryFrontend: tempo-query-frontend}
            tls: {certificateFile: tls.crt, keyFile: tls.key}
            authentication: {kubernetes: {kubeconfig: "${KUBECONFIG}"}}
            """);
      }
      case NGINX -> {
        shell.write("kubernetes.yaml", example("migrate-from-helm-nginx/kubernetes.yaml"));
        shell.write(
            "scopegate.yaml",
            example("migrate-from-helm-nginx/scopegate.yaml")
                .replace("/etc/scopegate/tokens/tokens.yaml", tokens));
      }
      case PROXY -> {
        cluster.apply(deployment('-'));
        shell.write("after.yaml", deployment('+'));
        shell.write(
            "config.yaml",
            """
            authorization:
              rewrites: {byHttpHeader: {name: X-Scope-OrgID}}
              resourceAttributes:
                {apiGroup: tempo.grafana.com, resource: "{{ .Value }}", name: traces}
            """);
      }
      case OPERATOR -> {
        shell.write(
            "kubernetes.yaml", example("migrate-from-tempo-operator-gateway/kubernetes.yaml"));
        cluster.apply(operator());
      }
      default -> {}
    }
  }

  private static String shown(String path, String beginning) {
    String text = Scratch.read(Scratch.repository(path));
    int begin = text.indexOf("```yaml\n" + beginning) + "```yaml\n".length();
    return text.substring(begin, text.indexOf("```\n", begin));
  }

  /** The Deployment of one side of the guide's diff. */
  private static String deployment(char side) {
    String text = Scratch.read(Scratch.repository(PROXY));
    int begin = text.indexOf("```diff\n") + "```diff\n".length();
    StringBuilder pod = new StringBuilder();
    text.substring(begin, text.indexOf("```\n", begin))
        .lines()
        .filter(line -> line.charAt(0) == ' ' || line.charAt(0) == side)
        .forEach(line -> pod.append("      ").append(line.substring(1)).append('\n'));
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: tempo, namespace: monitoring}
    spec:
      selector: {matchLabels: {app: tempo}}
      template:
        metadata: {labels: {app: tempo}}
        spec:
    """
        + pod;
  }

  /** What the operator makes, in the namespace of a reader who has chosen none. */
  private static String operator() {
    String directory = "migrate-from-tempo-operator-gateway/";
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: tempo-simplest-gateway, namespace: default}
    stringData:
      tenants.yaml: |
    %s
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: tempo-simplest-gateway, namespace: default}
    data:
      rbac.yaml: |
    %s
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: tempo-simplest-gateway, namespace: default}
    spec:
      selector: {matchLabels: {app: gateway}}
      template:
        metadata: {labels: {app: gateway}}
        spec:
          containers: [{name: tempo-gateway, image: gateway, args: [--web.listen=0.0.0.0:8080]}]
    """
        .formatted(
            example(directory + "tenants.yaml").indent(4),
            example(directory + "rbac.yaml").indent(4));
  }

  // ---- before, switch, roll back

  @Test
  void theServiceOfTheOperatorGuideFollowsTheSwitchAndTheWayBack() {
    Shell shell = new Shell("operator", cluster.adminKubeconfig());
    prepare(OPERATOR, shell);
    Guide guide = Guide.of(OPERATOR);
    List<String> switching =
        guide.below("## Switch").stream().flatMap(block -> block.runnable().stream()).toList();
    assertThat(switching).hasSize(2);
    String selector = "kubectl -n tracing get service traces -o jsonpath='{.spec.selector}'";

    shell.run("kubectl -n tracing delete service traces --ignore-not-found");
    shell.run(switching.get(0));
    assertThat(shell.run(selector)).contains("\"tempo-operator\"").doesNotContain("scopegate");
    shell.run(switching.get(1));
    assertThat(shell.run(selector)).contains("\"scopegate\"").doesNotContain("tempo-operator");
    for (Block block : guide.below("## Roll back")) {
      block.runnable().forEach(shell::run);
    }
    assertThat(shell.run(selector)).contains("\"tempo-operator\"").doesNotContain("scopegate");
  }

  @Test
  void theDeploymentOfTheNginxGuideIsScaledUpAndDown() {
    Shell shell = new Shell("nginx", cluster.adminKubeconfig());
    prepare(NGINX, shell);
    Guide guide = Guide.of(NGINX);
    String replicas =
        "kubectl -n monitoring get deployment scopegate -o jsonpath='{.spec.replicas}'";

    for (Block block : guide.below("## Switch")) {
      block.runnable().forEach(command -> run(shell, command));
    }
    assertThat(shell.run(replicas)).isEqualTo("2");
    for (Block block : guide.below("## Roll back")) {
      block.runnable().forEach(shell::run);
    }
    assertThat(shell.run(replicas)).isEqualTo("0");
  }
}
