package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.TestFiles;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.ServiceAccount;
import io.scopegate.testkit.tempo.TempoOptions;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/**
 * Set-ups that people break, from {@code scenarios/broken.yaml}: what {@code check} and {@code
 * doctor} say of each names the cause and the remedy, and nothing of Java.
 */
final class BrokenSetupsIT {
  /** Class names and stack traces; package names of hosts are something else. */
  private static final Pattern JAVA =
      Pattern.compile(
          "\\b(java|javax|sun|io\\.netty|io\\.vertx|io\\.lettuce)\\.[a-z]|Exception|\\tat |Error:");

  @TempDir private Path directory;
  private final StringWriter said = new StringWriter();

  /** One of them. */
  record Setup(Map<String, Object> keys) {
    @Nullable String text(String key) {
      return (String) keys.get(key);
    }

    String text(String key, String otherwise) {
      String text = text(key);
      return text == null ? otherwise : text;
    }

    boolean is(String key) {
      return Boolean.TRUE.equals(keys.get(key));
    }

    @SuppressWarnings("unchecked")
    List<String> says(String command) {
      return (List<String>) keys.getOrDefault(command, List.of());
    }

    @Override
    public String toString() {
      return text("name", "");
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Setup> all() throws IOException {
    String yaml = Files.readString(TestFiles.resource("/scenarios/broken.yaml"));
    List<Map<String, Object>> all =
        (List<Map<String, Object>>) new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return all.stream().map(Setup::new).toList();
  }

  static Stream<Setup> checked() throws IOException {
    return all().stream().filter(setup -> !setup.says("check").isEmpty());
  }

  static Stream<Setup> examined() throws IOException {
    return all().stream().filter(setup -> !setup.says("doctor").isEmpty());
  }

  @Test
  void thereAreFortyAndEachIsLookedAtOnce() throws IOException {
    List<Setup> all = all();
    assertThat(all).hasSizeGreaterThanOrEqualTo(40);
    assertThat(all.stream().map(Setup::toString)).doesNotHaveDuplicates();
    assertThat(checked().count() + examined().count()).isEqualTo(all.size());
  }

  private int run(String... arguments) {
    CommandLine line = Main.commandLine();
    PrintWriter to = new PrintWriter(said, true);
    line.setOut(to).setErr(to);
    return line.execute(arguments);
  }

  private void assertSaid(List<String> texts) {
    assertThat(said.toString()).contains(texts);
    assertThat(said.toString()).doesNotContainPattern(JAVA);
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(
        directory.resolve("scopegate.yaml"), yaml.replace("@DIR@", directory.toString()));
  }

  private void writeCertificates(TestCa ca) {
    TestCa.Issued own = ca.server();
    own.writeCertificate(directory.resolve("tls.crt"));
    own.writeKey(directory.resolve("tls.key"));
    ca.server().writeKey(directory.resolve("other.key"));
    TestCa.Issued expired =
        ca.client(new X500Principal("CN=old"), Instant.now().minusSeconds(3_600));
    expired.writeCertificate(directory.resolve("expired.crt"));
    expired.writeKey(directory.resolve("expired.key"));
  }

  @ParameterizedTest
  @MethodSource("checked")
  void checkNamesCauseAndRemedy(Setup setup) throws IOException {
    writeCertificates(TestCa.create());
    Path config = write(setup.text("config", ""));

    assertThat(run("check", config.toString()))
        .as(said.toString())
        .isEqualTo(setup.is("fine") ? Main.OK : Main.WRONG);
    assertSaid(setup.says("check"));
  }

  @ParameterizedTest
  @MethodSource("examined")
  void doctorNamesCauseAndRemedy(Setup setup) throws IOException {
    try (KubernetesStandIn kubernetes = KubernetesStandIn.start();
        TempoStandIn tempo = tempo(setup.text("tempo", ""))) {
      writeCertificates(kubernetes.ca());
      kubernetes(setup.text("kubernetes", ""), kubernetes);
      Path config = write(around(setup, tempo));

      assertThat(run("doctor", config.toString(), "--timeout", "60s"))
          .as(said.toString())
          .isEqualTo(setup.is("doctorFine") ? Main.OK : Main.WRONG);
      assertSaid(setup.says("doctor"));
    }
  }

  private static TempoStandIn tempo(String kind) {
    TempoStandIn tempo =
        TempoStandIn.start(
            switch (kind) {
              case "single" -> TempoOptions.defaults().withoutTenants();
              case "no-streaming" -> TempoOptions.defaults().withoutStreamOverHttp();
              default -> TempoOptions.defaults();
            });
    if (kind.equals("away")) {
      tempo.close();
    }
    return tempo;
  }

  private void kubernetes(String kind, KubernetesStandIn kubernetes) {
    ServiceAccount reviewer = kubernetes.serviceAccount("scopegate", "scopegate");
    if (!kind.equals("no-rights")) {
      kubernetes.bind(reviewer.subject(), "system:auth-delegator");
    }
    kubernetes
        .kubeconfig()
        .withToken(
            directory.resolve("kubeconfig"),
            kind.equals("wrong-token") ? "wrong" : kubernetes.token(reviewer));
    if (kind.equals("away")) {
      kubernetes.stopListening();
    }
  }

  private static String around(Setup setup, TempoStandIn tempo) {
    String query = setup.text("query", "http://localhost:@QUERY@");
    return """
    upstreams:
      distributor-otlp-grpc: {url: "http://localhost:@GRPC@", protocol: h2c}
      distributor-otlp-http: {url: "http://localhost:@HTTP@", protocol: http1}
      query-frontend: {url: "%s"}
    authentication: {kubernetes: {kubeconfig: "@DIR@/kubeconfig"}}
    %s
    %s
    """
        .formatted(query, setup.text("tls", "tls: {selfSigned: true}"), setup.text("limits", ""))
        .replace("@QUERY@", Integer.toString(port(tempo, "query")))
        .replace("@GRPC@", Integer.toString(port(tempo, "grpc")))
        .replace("@HTTP@", Integer.toString(port(tempo, "http")));
  }

  private static int port(TempoStandIn tempo, String which) {
    return switch (which) {
      case "query" -> tempo.queryPort();
      case "grpc" -> tempo.otlpGrpcPort();
      default -> tempo.otlpHttpPort();
    };
  }
}
