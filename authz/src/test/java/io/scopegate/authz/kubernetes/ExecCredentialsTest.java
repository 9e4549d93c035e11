package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.HandClock;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kubeconfigs whose user is a program, with real programs: scripts of the system's shell. */
final class ExecCredentialsTest {
  private static final String PATH = System.getenv("PATH");
  private static final String V1 = "client.authentication.k8s.io/v1";

  @TempDir private Path directory;

  /** The clock of the credentials; scripts write times around it. */
  private final HandClock clock = new HandClock();

  private Path plugin(String body) throws IOException {
    Path script = directory.resolve("plugin.sh");
    Files.writeString(script, "#!/bin/sh\n" + body + "\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
  }

  private static String credential(String apiVersion, String status) {
    return "{\"kind\": \"ExecCredential\", \"apiVersion\": \"%s\", \"status\": {%s}}"
        .formatted(apiVersion, status);
  }

  private static String printing(String status) {
    return "cat <<'END'\n" + credential(V1, status) + "\nEND";
  }

  private Kubeconfig kubeconfig(String exec) throws IOException {
    return kubeconfig("server: 'https://h:6443'", exec);
  }

  private Kubeconfig kubeconfig(String cluster, String exec) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("config"),
            """
            current-context: mine
            contexts: [{name: mine, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {%s}}]
            users: [{name: u, user: {exec: {%s}}}]
            """
                .formatted(cluster, exec));
    return new Kubeconfig(file, Map.of("PATH", PATH), clock);
  }

  private static String exec(String more) {
    return "command: ./plugin.sh, apiVersion: " + V1 + more;
  }

  private String at(Duration fromNow) {
    return Instant.ofEpochMilli(clock.millis()).plus(fromNow).toString();
  }

  private int runs() throws IOException {
    Path counted = directory.resolve("runs");
    return Files.exists(counted) ? Files.readAllLines(counted).size() : 0;
  }

  private String counting() {
    return "echo run >> '" + directory.resolve("runs") + "'\n";
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v1beta1"})
  void theTokenOfAPluginIsUsed(String version) throws Exception {
    String apiVersion = "client.authentication.k8s.io/" + version;
    plugin("echo '" + credential(apiVersion, "\"token\": \"abc\"") + "'");
    Cluster read =
        kubeconfig("command: ./plugin.sh, interactiveMode: Never, apiVersion: " + apiVersion)
            .read();
    assertThat(read.token().reveal()).isEqualTo("abc");
    assertThat(read.clientKey()).isNull();
    assertThat(read.account().credential()).contains("exec plug-in ./plugin.sh", "user u");
    assertThat(read.toString()).doesNotContain("abc");
  }

  @Test
  void aClientCertificateOfAPluginIsUsed() throws Exception {
    plugin(printing("\"clientCertificateData\": \"CERT\\n\", \"clientKeyData\": \"KEY\\n\""));
    Cluster read = kubeconfig(exec("")).read();
    assertThat(read.clientKey().certificate()).isEqualTo("CERT\n");
    assertThat(read.clientKey().key().reveal()).isEqualTo("KEY\n");
    assertThat(read.token()).isNull();
  }

  @Test
  void itGetsItsArgumentsAsTheyAreAndItsVariablesAndWhatTheClusterIs() throws Exception {
    plugin(
        """
        printf '%s\\n' "$@" > args
        printf '%s' "$WHO" > who
        printf '%s' "$KUBERNETES_EXEC_INFO" > info
        [ -t 0 ] && exit 9
        cat > input
        """
                .replace("> ", "> " + directory + "/")
            + printing("\"token\": \"t\""));
    kubeconfig(
            "server: 'https://h:6443', tls-server-name: api.example, certificate-authority-data:"
                + " UEVN, extensions: [{name: client.authentication.k8s.io/exec, extension: {a: 1}}]",
            exec(
                ", args: [token, '$(touch hacked); x', '*'], env: [{name: WHO, value: me}],"
                    + " provideClusterInfo: true"))
        .read();
    assertThat(Files.readAllLines(directory.resolve("args")))
        .containsExactly("token", "$(touch hacked); x", "*");
    assertThat(directory.resolve("who")).hasContent("me");
    assertThat(directory.resolve("input")).isEmptyFile();
    JsonObject info = new JsonObject(Files.readString(directory.resolve("info")));
    assertThat(info.getString("apiVersion")).isEqualTo(V1);
    JsonObject spec = info.getJsonObject("spec");
    assertThat(spec.getBoolean("interactive")).isFalse();
    assertThat(spec.getJsonObject("cluster"))
        .isEqualTo(
            new JsonObject()
                .put("server", "https://h:6443")
                .put("tls-server-name", "api.example")
                .put("certificate-authority-data", "UEVN")
                .put("config", new JsonObject().put("a", 1)));
  }

  @Test
  void itRunsAgainAMinuteBeforeItExpires() throws Exception {
    plugin(
        counting()
            + printing(
                "\"token\": \"t\", \"expirationTimestamp\": \""
                    + at(Duration.ofMinutes(10))
                    + "\""));
    Kubeconfig config = kubeconfig(exec(""));
    config.read();
    clock.turn(Duration.ofSeconds(530));
    config.read();
    assertThat(runs()).isEqualTo(1);
    clock.turn(Duration.ofSeconds(15));
    config.read();
    assertThat(runs()).isEqualTo(2);
  }

  @Test
  void itRunsAgainWhenTheApiServerRefusesWhatItGave() throws Exception {
    plugin(counting() + printing("\"token\": \"t\""));
    Kubeconfig config = kubeconfig(exec(""));
    config.read();
    config.refused();
    config.read();
    assertThat(runs()).as("within ten seconds").isEqualTo(1);
    clock.turn(Duration.ofSeconds(11));
    config.read();
    config.read();
    assertThat(runs()).isEqualTo(2);
  }

  @Test
  void aTokenInTheFileWins() throws Exception {
    plugin(counting() + printing("\"token\": \"t\""));
    Path file = directory.resolve("config");
    kubeconfig(exec(""));
    Files.writeString(file, Files.readString(file).replace("{exec:", "{token: inline, exec:"));
    assertThat(new Kubeconfig(file, Map.of(), clock).read().token().reveal()).isEqualTo("inline");
    assertThat(runs()).isZero();
  }

  @Test
  void whatGoesWrongIsSaidWithTheNameOfThePlugin() throws Exception {
    for (List<String> wrong :
        List.of(
            List.of("echo no json", "no ExecCredential (expected: an ExecCredential in JSON"),
            List.of("echo '[]'", "no ExecCredential"),
            List.of("echo '{\"kind\": \"Status\"}'", "kind, apiVersion (expected: ExecCredential"),
            List.of(printing(""), "status (expected: token"),
            List.of(printing("\"token\": 5"), "no ExecCredential"),
            List.of(printing("\"token\": \"a b\""), "status.token (expected: a token"),
            List.of(printing("\"clientKeyData\": \"x\""), "both or none"),
            List.of(
                printing("\"token\": \"t\", \"expirationTimestamp\": \"soon\""),
                "expirationTimestamp (expected: a time such as"),
            List.of(
                printing(
                    "\"token\": \"t\", \"expirationTimestamp\": \""
                        + at(Duration.ofSeconds(-1))
                        + "\""),
                "is in the past (expected: a credential that has not expired"),
            List.of(
                "echo first >&2; echo 'log in again' >&2; exit 3", "exit code 3, \"log in again\""),
            List.of(
                "head -c 3000000 /dev/zero | tr '\\0' x",
                "its output cannot be read or is too long"))) {
      plugin(wrong.get(0));
      assertThatThrownBy(() -> kubeconfig(exec("")).read())
          .as(wrong.get(0))
          .isInstanceOf(ClusterAccessException.class)
          .hasMessageContaining("users: exec: ./plugin.sh: ")
          .hasMessageContaining(wrong.get(1));
    }
  }

  @Test
  void aPluginThatHangsIsKilledWithItsChildren() throws Exception {
    Path script = plugin("sleep 600 &\necho $! > '" + directory.resolve("child") + "'\nwait");
    ExecPlugin plugin =
        new ExecPlugin("it", script.toString(), directory, List.of(), Map.of("PATH", PATH), V1, "");
    assertThatThrownBy(() -> plugin.run(Duration.ofSeconds(2)))
        .hasMessageContaining("it: no credential within 2 s");
    long child = Long.parseLong(Files.readString(directory.resolve("child")).strip());
    assertThat(
            ProcessHandle.of(child)
                .map(handle -> handle.onExit().orTimeout(20, java.util.concurrent.TimeUnit.SECONDS))
                .map(java.util.concurrent.CompletableFuture::join)
                .map(ProcessHandle::isAlive)
                .orElse(false))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "command: no-such-program, apiVersion: client.authentication.k8s.io/v1, installHint: get it"
            + " | no such program (expected: a program in PATH; get it",
        "command: ./missing, apiVersion: client.authentication.k8s.io/v1 | no such program",
        "apiVersion: client.authentication.k8s.io/v1 | exec: command (expected: the name",
        "command: sh, apiVersion: client.authentication.k8s.io/v1alpha1"
            + " | v1alpha1 (expected: client.authentication.k8s.io/v1 or",
        "command: sh, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always"
            + " | interactiveMode: Always (expected: Never or IfAvailable",
        "command: sh, apiVersion: client.authentication.k8s.io/v1, args: x | args (expected: a list",
        "command: sh, apiVersion: client.authentication.k8s.io/v1, env: [{value: x}]"
            + " | env (expected: a list of name"
      })
  void theCheckOfAConfigurationFindsItWithoutRunningAnything(String given) throws Exception {
    String[] parts = given.split(" \\| ", 2);
    assertThatThrownBy(() -> kubeconfig(parts[0]).check()).hasMessageContaining(parts[1]);
    plugin(counting() + printing("\"token\": \"t\""));
    kubeconfig(exec("")).check();
    assertThat(runs()).isZero();
  }
}
