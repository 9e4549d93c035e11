package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.configuration.LoadedConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What the Helm chart renders from each of its tested sets of values: the API server takes every
 * object with unknown fields refused and nothing to warn of, Pods are within the restricted
 * standard, and the gateway takes the configuration.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChartIT {
  private static final Path CHART = Scratch.repository("deploy/helm/scopegate");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Path helm;
  private Cluster cluster;

  @BeforeAll
  void start() {
    helm = Parts.need("helm");
    cluster = Cluster.shared();
    cluster.apply(Scratch.template("other-kinds.yaml", Map.of()));
    for (String namespace : List.of("gate", "monitoring", "queries")) {
      cluster.apply(
          """
          apiVersion: v1
          kind: Namespace
          metadata:
            name: %s
            labels:
              pod-security.kubernetes.io/warn: restricted
              pod-security.kubernetes.io/enforce: restricted
          """
              .formatted(namespace));
    }
  }

  private static List<Path> valueSets() throws IOException {
    try (Stream<Path> files = Files.list(CHART.resolve("ci"))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void isAccepted(Path values) {
    List<Manifest> rendered = Manifest.all(render("-f", values.toString()));

    assertThat(rendered).hasSizeGreaterThan(6);
    for (Manifest manifest : rendered) {
      Http.Reply reply = dryRun(manifest);
      assertThat(reply.status()).as("%s: %s", manifest, reply).isIn(200, 201);
      assertThat(reply.header("warning")).as("%s", manifest).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void theGatewayTakesItsConfiguration(Path values) {
    Manifest configMap =
        Manifest.all(render("-f", values.toString())).stream()
            .filter(one -> one.kind().equals("ConfigMap"))
            .findFirst()
            .orElseThrow();
    Map<?, ?> object =
        (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(configMap.text());
    String yaml = String.valueOf(((Map<?, ?>) object.get("data")).get("scopegate.yaml"));
    Path file = Scratch.write(Scratch.directory("chart").resolve("scopegate.yaml"), yaml);

    // the files of Secrets are in the Pod, not here
    assertThat(LoadedConfig.load(file, name -> null).problems())
        .allSatisfy(problem -> assertThat(problem.toString()).contains("/etc/scopegate/"));
  }

  @Test
  void aWrongKeyOfTheConfigurationIsNamed() {
    Part.Ended ended =
        helm("--set", "tls.secretName=t", "--set", "config.authorization.mappings=namespaced");

    assertThat(ended.code()).isNotZero();
    assertThat(ended.output()).contains("/config/authorization", "mappings");
  }

  @Test
  void withoutACertificateItSaysWhatToDo() {
    Part.Ended ended = helm();

    assertThat(ended.code()).isNotZero();
    assertThat(ended.output())
        .contains("give tls.secretName or tls.certManager, or set config.tls.mode to disabled");
  }

  /** A role has what its configuration needs and nothing else. */
  @Test
  void rightsFollowTheConfiguration() {
    assertThat(resourcesOfTheRole("secret"))
        .contains("tokenreviews", "roles")
        .doesNotContain("secrets");
    assertThat(resourcesOfTheRole("without-watch"))
        .contains("tokenreviews", "subjectaccessreviews")
        .doesNotContain("roles", "serviceaccounts", "secrets");
    assertThat(resourcesOfTheRole("secrets")).contains("secrets");
    assertThat(Manifest.all(render("-f", valueSet("without-kubernetes"))))
        .noneMatch(one -> one.kind().startsWith("ClusterRole"));
    assertThat(namespacesOfRoles("secret")).isEmpty();
    assertThat(namespacesOfRoles("services")).containsExactly("monitoring", "queries");
  }

  private List<String> namespacesOfRoles(String values) {
    return Manifest.all(render("-f", valueSet(values))).stream()
        .filter(one -> one.kind().equals("Role"))
        .map(Manifest::namespace)
        .toList();
  }

  private List<String> resourcesOfTheRole(String values) {
    String text =
        Manifest.all(render("-f", valueSet(values))).stream()
            .filter(one -> one.kind().equals("ClusterRole"))
            .findFirst()
            .orElseThrow()
            .text();
    Map<?, ?> role = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(text);
    List<String> resources = new ArrayList<>();
    for (Object rule : (List<?>) role.get("rules")) {
      ((List<?>) ((Map<?, ?>) rule).get("resources")).forEach(one -> resources.add(one.toString()));
    }
    return resources;
  }

  /** A kind of another project is served a moment after it was defined. */
  private Http.Reply dryRun(Manifest manifest) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Http.Reply reply = cluster.dryRun(manifest);
    while (reply.status() == 404 && System.nanoTime() < end) {
      reply = cluster.dryRun(manifest);
    }
    return reply;
  }

  private static String valueSet(String name) {
    return CHART.resolve("ci/" + name + "-values.yaml").toString();
  }

  private String render(String... options) {
    Part.Ended ended = helm(options);
    assertThat(ended.code()).as(ended.output()).isZero();
    return ended.output();
  }

  private Part.Ended helm(String... options) {
    List<String> command =
        new ArrayList<>(List.of(helm.toString(), "template", "sg", CHART.toString(), "-n", "gate"));
    command.addAll(List.of("--kube-version", "1.34.0"));
    command.addAll(List.of(options));
    return Part.run("helm", Scratch.directory("helm"), Map.of(), PATIENCE, command);
  }
}
