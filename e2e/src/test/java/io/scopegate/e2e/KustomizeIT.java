package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What each kustomization builds: the API server takes every object with unknown fields refused and
 * nothing to warn of, Pods are within the restricted standard, and the gateway takes the
 * configuration.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KustomizeIT {
  private static final Path DEPLOY = Scratch.repository("deploy");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Path kubectl;
  private Acceptance acceptance;

  @BeforeAll
  void start() {
    kubectl = Parts.need("kubectl");
    acceptance = new Acceptance(Cluster.shared(), List.of("scopegate", "monitoring"));
  }

  private static List<String> folders() throws IOException {
    try (Stream<Path> files = Files.walk(DEPLOY)) {
      return files
          .filter(file -> file.endsWith("kustomization.yaml"))
          .map(file -> DEPLOY.relativize(file.getParent()).toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void isAccepted(String folder) {
    acceptance.takes(build(folder));
  }

  @ParameterizedTest
  @MethodSource("folders")
  void theGatewayTakesItsConfiguration(String folder) {
    assertThat(Acceptance.configurations(build(folder))).isLessThanOrEqualTo(1);
  }

  /** So that the test above means something. */
  @Test
  void theOverlaysHaveAConfiguration() {
    for (String folder : List.of("kustomize/production", "kustomize/openshift")) {
      assertThat(Acceptance.configurations(build(folder))).as(folder).isEqualTo(1);
    }
  }

  @Test
  void productionScalesAndHasNoPlaceholderOfAnImage() {
    String all = text(build("kustomize/production"));

    assertThat(all)
        .contains("kind: HorizontalPodAutoscaler", "image: registry.example/scopegate:dev")
        .contains("name: tempo") // the policy that closes Tempo's own ports
        .doesNotContain("ghcr.io", "replicas: 2");
  }

  @Test
  void openShiftChoosesTheUserAndPassesTlsThrough() {
    List<Manifest> all = build("kustomize/openshift");

    assertThat(text(all))
        .contains("serving-cert-secret-name: scopegate-tls", "inject-cabundle: \"true\"")
        .contains("secretName: scopegate-tls", "runAsNonRoot: true")
        .doesNotContain("runAsUser", "runAsGroup", "fsGroup");
    assertThat(all.stream().filter(one -> one.kind().equals("Route")))
        .hasSize(3)
        .allSatisfy(one ->
            assertThat(one.text())
                .contains("termination: passthrough", "name: scopegate\n")
                .containsPattern("targetPort: (otlp-grpc|otlp-http|query)"));
  }

  @Test
  void theNativeSidecarStartsFirstAndGoesOn() {
    Manifest pod =
        build("kustomize/native-sidecar").stream()
            .filter(one -> one.kind().equals("StatefulSet"))
            .findFirst()
            .orElseThrow();
    Map<?, ?> spec = (Map<?, ?>) Acceptance.load(pod).get("spec");
    Map<?, ?> containers = (Map<?, ?>) ((Map<?, ?>) spec.get("template")).get("spec");

    assertThat((List<?>) containers.get("initContainers"))
        .singleElement()
        .satisfies(one ->
            assertThat(asMap(one))
                .containsEntry("name", "scopegate")
                .containsEntry("restartPolicy", "Always")
                .containsKey("startupProbe"));
    assertThat((List<?>) containers.get("containers"))
        .singleElement()
        .satisfies(one ->
            assertThat(asMap(one)).containsEntry("name", "tempo").doesNotContainKey("lifecycle"));
  }

  @SuppressWarnings("unchecked")
  private static Map<Object, Object> asMap(Object container) {
    return (Map<Object, Object>) container;
  }

  private static String text(List<Manifest> manifests) {
    return manifests.stream().map(Manifest::text).collect(Collectors.joining("---\n"));
  }

  private List<Manifest> build(String folder) {
    Part.Ended ended =
        Part.run(
            "kubectl",
            Scratch.directory("kustomize"),
            Map.of(),
            PATIENCE,
            List.of(kubectl.toString(), "kustomize", DEPLOY.resolve(folder).toString()));
    assertThat(ended.code()).as(ended.output()).isZero();
    List<Manifest> all = Manifest.all(ended.output());
    assertThat(all).isNotEmpty();
    return all;
  }
}
