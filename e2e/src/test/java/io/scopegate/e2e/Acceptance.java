package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.configuration.LoadedConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Whether what is to be deployed would be taken: by the API server, unknown fields refused and
 * nothing to warn of, in namespaces of the restricted Pod Security standard; and by the gateway.
 */
final class Acceptance {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Cluster cluster;

  /** Prepares the kinds of other projects, and these namespaces. */
  Acceptance(Cluster cluster, List<String> namespaces) {
    this.cluster = cluster;
    cluster.apply(Scratch.template("other-kinds.yaml", Map.of()));
    for (String namespace : namespaces) {
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

  /** The API server takes each of them. */
  void takes(List<Manifest> manifests) {
    assertThat(manifests).isNotEmpty();
    for (Manifest manifest : manifests) {
      Http.Reply reply = dryRun(manifest);
      assertThat(reply.status()).as("%s: %s", manifest, reply).isIn(200, 201);
      assertThat(reply.header("warning")).as("%s", manifest).isEmpty();
    }
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

  /**
   * The gateway takes the {@code scopegate.yaml} of every ConfigMap.
   *
   * @return how many there are
   */
  static int configurations(List<Manifest> manifests) {
    int found = 0;
    for (String yaml : configurationsOf(manifests)) {
      Path file = Scratch.write(Scratch.directory("acceptance").resolve("scopegate.yaml"), yaml);
      // the files of Secrets are in the Pod, not here
      assertThat(LoadedConfig.load(file, name -> null).problems())
          .allSatisfy(problem -> assertThat(problem.toString()).contains("/etc/scopegate/"));
      found++;
    }
    return found;
  }

  private static List<String> configurationsOf(List<Manifest> manifests) {
    List<String> found = new ArrayList<>();
    for (Manifest manifest : manifests) {
      if (manifest.kind().equals("ConfigMap")
          && load(manifest).get("data") instanceof Map<?, ?> data
          && data.get("scopegate.yaml") instanceof String yaml) {
        found.add(yaml);
      }
    }
    return found;
  }

  /** A manifest as maps, lists and scalars. */
  static Map<?, ?> load(Manifest manifest) {
    return (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(manifest.text());
  }
}
