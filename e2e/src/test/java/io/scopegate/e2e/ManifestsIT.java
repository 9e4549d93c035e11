package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The API server takes every manifest and every object of an example as it is, unknown fields
 * refused; the examples with a README are those of {@link ExamplesIT}. Objects of other projects,
 * whose kinds it does not know, name what the manifests have.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManifestsIT {
  private static final Path DEPLOY = Scratch.repository("deploy");

  /** Rendered and tested by {@link ChartIT}. */
  private static final Path CHART = DEPLOY.resolve("helm");

  /** Built and tested by {@link KustomizeIT}. */
  private static final Path OVERLAYS = DEPLOY.resolve("kustomize");

  private static final Pattern OBJECT = Pattern.compile("(?m)^apiVersion: ");
  private static final Pattern BUILT_IN =
      Pattern.compile("/api/v1/.*|/apis/([a-z]+|(?!gateway\\.)[a-z.]+\\.k8s\\.io)/.*");

  private Cluster cluster;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(DEPLOY)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> !file.startsWith(CHART) && !file.startsWith(OVERLAYS))
          .filter(file -> !file.endsWith("kustomization.yaml"))
          .filter(file -> !ExamplesIT.isOfExample(file))
          .filter(file -> OBJECT.matcher(Scratch.read(file)).find())
          .sorted()
          .toList();
    }
  }

  private static Stream<Manifest> objects() throws IOException {
    return files().stream().flatMap(file -> Manifest.all(Scratch.read(file)).stream());
  }

  private static boolean isBuiltIn(Manifest manifest) {
    return BUILT_IN.matcher(manifest.path()).matches();
  }

  @ParameterizedTest
  @MethodSource("files")
  void isAccepted(Path file) {
    List<Manifest> manifests = Manifest.all(Scratch.read(file));
    assertThat(manifests).isNotEmpty();
    for (Manifest manifest : manifests.stream().filter(ManifestsIT::isBuiltIn).toList()) {
      if (!manifest.namespace().isEmpty()) {
        cluster.account(manifest.namespace(), "somebody");
      }
      Http.Reply reply = cluster.dryRun(manifest);
      assertThat(reply.status()).as("%s: %s", manifest, reply).isIn(200, 201);
      assertThat(reply.header("warning")).as("%s", manifest).isEmpty();
    }
  }

  @Test
  void objectsOfOtherProjectsNameWhatTheManifestsHave() throws IOException {
    Map<String, Manifest> others =
        objects()
            .filter(one -> !isBuiltIn(one))
            .collect(Collectors.toMap(Manifest::path, Function.identity()));
    String standalone =
        objects()
            .filter(one -> one.namespace().equals("scopegate") && isBuiltIn(one))
            .map(Manifest::text)
            .collect(Collectors.joining());

    assertThat(others.values())
        .extracting(Manifest::kind)
        .containsExactlyInAnyOrder(
            "Certificate", "Gateway", "TLSRoute", "TLSRoute", "TLSRoute", "ServiceMonitor");
    assertThat(standalone)
        .contains("secretName: scopegate-tls", "  name: scopegate-admin\n")
        .contains("  name: scopegate\n", "port: 4317", "port: 4318", "port: 3200");
    for (Manifest one : others.values()) {
      switch (one.kind()) {
        case "Certificate" -> assertThat(one.text()).contains("secretName: scopegate-tls\n");
        case "TLSRoute" ->
            assertThat(one.text())
                .contains("- name: traces\n")
                .containsPattern("\\{name: scopegate, port: (4317|4318|3200)}");
        case "ServiceMonitor" ->
            assertThat(one.text())
                .contains("app.kubernetes.io/component: admin\n", "port: admin\n");
        default -> assertThat(one.kind()).isEqualTo("Gateway");
      }
    }
  }

  /** So that the test above means something. */
  @Test
  void unknownFieldIsNotAccepted() {
    Manifest manifest =
        Manifest.all(
                """
                apiVersion: v1
                kind: Namespace
                metadata: {name: misspelt}
                specs: {}
                """)
            .get(0);
    assertThat(cluster.dryRun(manifest).status()).isGreaterThanOrEqualTo(400);
  }
}
