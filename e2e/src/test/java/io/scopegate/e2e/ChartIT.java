package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the Helm chart renders from each of its tested sets of values: the API server takes every
 * object with unknown fields refused and nothing to warn of, Pods are within the restricted
 * standard, and the gateway takes the configuration.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChartIT {
  private Helm helm;
  private Acceptance acceptance;

  @BeforeAll
  void start() {
    helm = new Helm();
    acceptance = new Acceptance(Cluster.shared(), List.of("gate", "monitoring", "queries"));
  }

  private static List<Path> valueSets() throws IOException {
    try (Stream<Path> files = Files.list(Helm.CHART.resolve("ci"))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void isAccepted(Path values) {
    List<Manifest> rendered = render(values);

    assertThat(rendered).hasSizeGreaterThan(6);
    acceptance.takes(rendered);
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void theGatewayTakesItsConfiguration(Path values) {
    assertThat(Acceptance.configurations(render(values))).isEqualTo(1);
  }

  @Test
  void aWrongKeyOfTheConfigurationIsNamed() {
    Part.Ended ended =
        helm.tryOut(
            "sg", "--set", "tls.secretName=t", "--set", "config.authorization.mappings=namespaced");

    assertThat(ended.code()).isNotZero();
    assertThat(ended.output()).contains("/config/authorization", "mappings");
  }

  /** Types and choices are the schema's; what one value means for another is the templates'. */
  @ParameterizedTest
  @CsvSource({
    "mode=daemonset, /mode",
    "sidecar.podLabels.a.b=c, /sidecar/podLabels",
    "keda.enabled=yes, /keda/enabled",
    "keda.prometheus.serverAddress=prometheus:9090, /keda/prometheus/serverAddress",
    "keda.promtheus.query=up, promtheus",
    "httpRoutes.hostnames.query=q.example.com, /httpRoutes/hostnames/query",
    "httpRoutes.timeouts.request=none, /httpRoutes/timeouts/request",
    "grpcRoutes.timeouts.request=1s, timeouts",
    "backendTLSPolicy.caConfigMaps=ca, caConfigMaps",
    "ingress.listeners.query.hosts=q.example.com, /ingress/listeners/query",
    "ingress.annotations.a=true, /ingress/annotations/a",
    "fullnameOverride=Gate, /fullnameOverride",
    "httpRoutes.enabled=true, httpRoutes.parentRefs: name the Gateway",
    "backendTLSPolicy.enabled=true, backendTLSPolicy.caConfigMap: name the ConfigMap",
    "ingress.enabled=true, ingress.listeners: give the host names",
  })
  void aWrongValueIsNamed(String value, String named) {
    Part.Ended ended = helm.tryOut("sg", "--set", "tls.secretName=t", "--set", value);

    assertThat(ended.code()).isNotZero();
    assertThat(ended.output()).contains(named);
  }

  @Test
  void withoutACertificateItSaysWhatToDo() {
    Part.Ended ended = helm.tryOut("sg");

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
    assertThat(render(valueSet("without-kubernetes")))
        .noneMatch(one -> one.kind().startsWith("ClusterRole"));
    assertThat(namespacesOfRoles("secret")).isEmpty();
    assertThat(namespacesOfRoles("services")).containsExactly("monitoring", "queries");
  }

  private List<String> namespacesOfRoles(String values) {
    return render(valueSet(values)).stream()
        .filter(one -> one.kind().equals("Role"))
        .map(Manifest::namespace)
        .toList();
  }

  private List<String> resourcesOfTheRole(String values) {
    Manifest role =
        render(valueSet(values)).stream()
            .filter(one -> one.kind().equals("ClusterRole"))
            .findFirst()
            .orElseThrow();
    List<String> resources = new ArrayList<>();
    for (Object rule : (List<?>) Acceptance.load(role).get("rules")) {
      ((List<?>) ((Map<?, ?>) rule).get("resources")).forEach(one -> resources.add(one.toString()));
    }
    return resources;
  }

  private static Path valueSet(String name) {
    return Helm.CHART.resolve("ci/" + name + "-values.yaml");
  }

  private List<Manifest> render(Path values) {
    return helm.render("sg", "-n", "gate", "-f", values.toString());
  }
}
