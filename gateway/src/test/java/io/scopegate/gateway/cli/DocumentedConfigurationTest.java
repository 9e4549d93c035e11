package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.Problem;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every configuration that a document or a manifest shows is one that the gateway takes: blocks of
 * {@code yaml} that begin with {@code # scopegate.yaml}, and that key of a ConfigMap.
 */
class DocumentedConfigurationTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Pattern BLOCK =
      Pattern.compile(
          "^```yaml\\n(# scopegate\\.yaml\\n.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern CONFIG_MAP =
      Pattern.compile("^  scopegate\\.yaml: \\|\\n((?:    .*\\n|\\n)+)", Pattern.MULTILINE);
  private static final String KUBECONFIG =
      """
      apiVersion: v1
      kind: Config
      clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443"}}]
      users: [{name: u, user: {token: t}}]
      contexts: [{name: x, context: {cluster: c, user: u}}]
      current-context: x
      """;

  @TempDir static Path directory;

  @BeforeAll
  static void writeWhatTheConfigurationsName() throws IOException {
    TestCa ca = TestCa.create();
    ca.writePem(directory.resolve("clients.crt"));
    ca.writePem(directory.resolve("dex.crt"));
    ca.writePem(directory.resolve("partner.crt"));
    TestCa.Issued server = ca.server();
    server.writeCertificate(directory.resolve("tls.crt"));
    server.writeKey(directory.resolve("tls.key"));
    Files.writeString(directory.resolve("kubeconfig"), KUBECONFIG);
    Files.writeString(directory.resolve("tokens.yaml"), "tokens: []\n");
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void isAccepted(Shown shown) throws IOException {
    Path file = Files.createTempFile(directory, "scopegate", ".yaml");
    Files.writeString(
        file,
        shown
            .yaml()
            .replace("/etc/scopegate/tls/", directory + "/")
            .replace("/etc/issuers/", directory + "/")
            .replace(
                "/etc/scopegate/tokens/tokens.yaml", directory.resolve("tokens.yaml").toString()));
    Map<String, String> environment =
        Map.of(
            "KUBECONFIG", directory.resolve("kubeconfig").toString(), "TLS", directory.toString());

    LoadedConfig loaded = LoadedConfig.load(file, environment::get);

    assertThat(loaded.problems()).extracting(Problem::toString).isEmpty();
    assertThat(loaded.config().listeners()).isNotEmpty();
  }

  @Test
  void looksAtTheReadmeAndAtBothKindsOfManifests() throws IOException {
    assertThat(configurations())
        .extracting(shown -> shown.file().toString())
        .contains("README.md")
        .anyMatch(file -> file.contains("standalone"))
        .anyMatch(file -> file.contains("sidecar"));
  }

  static List<Shown> configurations() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> !ROOT.relativize(file).toString().contains("target/"))
          .flatMap(DocumentedConfigurationTest::in)
          .toList();
    }
  }

  private static Stream<Shown> in(Path file) {
    String name = file.getFileName().toString();
    if (name.endsWith(".md")) {
      return find(file, BLOCK);
    }
    boolean manifest =
        name.endsWith(".yaml")
            && file.startsWith(ROOT.resolve("deploy"))
            && !file.startsWith(ROOT.resolve("deploy/helm")); // templates, which ChartIT renders
    return manifest ? find(file, CONFIG_MAP) : Stream.empty();
  }

  private static Stream<Shown> find(Path file, Pattern pattern) {
    try {
      return pattern
          .matcher(Files.readString(file))
          .results()
          .map(found -> new Shown(ROOT.relativize(file), found.group(1).stripIndent()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A configuration and where it is shown. */
  record Shown(Path file, String yaml) {
    @Override
    public String toString() {
      return file + ": " + yaml.lines().limit(3).toList();
    }
  }
}
