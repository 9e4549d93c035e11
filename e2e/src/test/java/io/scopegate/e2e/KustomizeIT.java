package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.configuration.LoadedConfig;
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
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

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
  private Cluster cluster;

  @BeforeAll
  void start() {
    kubectl = Parts.need("kubectl");
    cluster = Cluster.shared();
    cluster.apply(Scratch.template("other-kinds.yaml", Map.of()));
    for (String namespace : List.of("scopegate", "monitoring")) {
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
    for (Manifest manifest : build(folder)) {
      Http.Reply reply = dryRun(manifest);
      assertThat(reply.status()).as("%s: %s", manifest, reply).isIn(200, 201);
      assertThat(reply.header("warning")).as("%s", manifest).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("folders")
  void theGatewayTakesItsConfiguration(String folder) {
    List<Manifest> configurations =
        build(folder).stream().filter(one -> one.text().contains("scopegate.yaml: |")).toList();
    for (Manifest configMap : configurations) {
      Map<?, ?> object =
          (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(configMap.text());
      String yaml = String.valueOf(((Map<?, ?>) object.get("data")).get("scopegate.yaml"));
      Path file = Scratch.write(Scratch.directory("kustomize").resolve("scopegate.yaml"), yaml);

      // the files of Secrets are in the Pod, not here
      assertThat(LoadedConfig.load(file, name -> null).problems())
          .allSatisfy(problem -> assertThat(problem.toString()).contains("/etc/scopegate/"));
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

  private static String text(List<Manifest> manifests) {
    return manifests.stream().map(Manifest::text).collect(Collectors.joining("---\n"));
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
