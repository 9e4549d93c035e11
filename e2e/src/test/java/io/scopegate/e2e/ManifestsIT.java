package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The API server takes every manifest as it is, unknown fields refused. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManifestsIT {
  private static final Path MANIFESTS = Scratch.repository("deploy/manifests");

  private Cluster cluster;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(MANIFESTS)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void isAccepted(Path file) {
    List<Manifest> manifests = Manifest.all(Scratch.read(file));
    assertThat(manifests).isNotEmpty();
    for (Manifest manifest : manifests) {
      if (!manifest.namespace().isEmpty()) {
        cluster.account(manifest.namespace(), "somebody");
      }
      Http.Reply reply = cluster.dryRun(manifest);
      assertThat(reply.status()).as("%s: %s", manifest, reply).isIn(200, 201);
      assertThat(reply.header("warning")).as("%s", manifest).isEmpty();
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
