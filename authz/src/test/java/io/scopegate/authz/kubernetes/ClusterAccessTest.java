package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClusterAccessTest {
  @TempDir private Path directory;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private Cluster kubeconfig(String cluster, String user) throws Exception {
    Path file =
        write(
            "config",
            """
            apiVersion: v1
            kind: Config
            current-context: mine
            contexts:
            - {name: other, context: {cluster: nowhere, user: nobody}}
            - {name: mine, context: {cluster: c, user: u, namespace: n}}
            clusters:
            - {name: c, cluster: {%s}}
            users:
            - {name: nobody, user: {token: wrong}}
            - {name: u, user: {%s}}
            """
                .formatted(cluster, user));
    return ClusterAccess.of(file, Map.of()).read();
  }

  @Test
  void readsTokenAndInlineAuthority() throws Exception {
    String ca = Base64.getEncoder().encodeToString("PEM".getBytes(StandardCharsets.US_ASCII));
    Cluster read =
        kubeconfig("server: 'https://h:6443/', certificate-authority-data: " + ca, "token: abc");
    assertThat(read.server()).hasToString("https://h:6443");
    assertThat(read.ca()).isEqualTo("PEM");
    assertThat(read.token().reveal()).isEqualTo("abc");
    assertThat(read.clientKey()).isNull();
    assertThat(read.toString()).doesNotContain("abc");
  }

  @Test
  void readsFilesRelativeToItself() throws Exception {
    write("ca.pem", "CA");
    write("client.pem", "CERT");
    write("client.key", "KEY");
    Cluster read =
        kubeconfig(
            "server: 'https://h', certificate-authority: ca.pem, insecure-skip-tls-verify: true",
            "client-certificate: client.pem, client-key: client.key");
    assertThat(read.ca()).isEqualTo("CA");
    assertThat(read.insecureSkipVerify()).isTrue();
    assertThat(read.clientKey().certificate()).isEqualTo("CERT");
    assertThat(read.clientKey().key().reveal()).isEqualTo("KEY");
    assertThat(read.token()).isNull();
  }

  @Test
  void tokenFileWinsAndIsFollowedThroughASymlinkSwap() throws Exception {
    Files.createDirectory(directory.resolve("v1"));
    Files.createDirectory(directory.resolve("v2"));
    write("v1/token", "first\n");
    write("v2/token", "second\n");
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("v1"));
    Files.createSymbolicLink(directory.resolve("token"), Path.of("..data", "token"));
    Cluster before = kubeconfig("server: 'https://h'", "token: inline, tokenFile: token");
    assertThat(before.token().reveal()).isEqualTo("first");

    Files.createSymbolicLink(directory.resolve("..tmp"), Path.of("v2"));
    Files.move(
        directory.resolve("..tmp"), directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    Cluster after = kubeconfig("server: 'https://h'", "token: inline, tokenFile: token");
    assertThat(after.token().reveal()).isEqualTo("second");
    assertThat(after.sameConnection(before)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server: 'https://h' | exec: {command: x} | exec: apiVersion",
        "server: 'https://h' | auth-provider: {name: x} | kubectl create token",
        "server: 'https://h' | username: x | username",
        "server: 'https://h' | token: t, as: admin | users: as (expected: nothing",
        "server: 'https://h' | token: t, as-groups: [a] | users: as-groups (expected: nothing",
        "server: 'https://h' | client-key: x | client-key",
        "server: 'https://h' | tokenFile: missing | missing",
        "server: 'https://h' | token: 'a b' | users: token",
        "server: 'https://h', proxy-url: x | token: t | proxy-url",
        "server: 'https://h', proxy-url: 'socks5://h:1' | token: t | proxy-url",
        "server: 'https://h', proxy-url: 'http://u:p@h:1' | token: t | proxy-url",
        "server: 'ftp://h' | token: t | server",
        "server: ':::' | token: t | server",
        "certificate-authority-data: '====' , server: 'https://h' | token: t | certificate"
      })
  void saysWhatItCannotUse(String cluster, String user, String named) {
    assertThatThrownBy(() -> kubeconfig(cluster, user))
        .isInstanceOf(ClusterAccessException.class)
        .hasMessageContaining(named.strip())
        .hasMessageContaining("expected");
  }

  @Test
  void readsAnotherServerNameAndAProxy() throws Exception {
    Cluster read =
        kubeconfig(
            "server: 'https://10.0.0.1', tls-server-name: api.example, proxy-url: 'http://p:3128'",
            "token: t");
    assertThat(read.serverName()).isEqualTo("api.example");
    assertThat(read.proxy()).hasToString("http://p:3128");
  }

  @Test
  void mergesAListOfFilesAsKubectlDoes() throws Exception {
    Files.createDirectory(directory.resolve("b"));
    Path a =
        write(
            "a",
            """
            current-context: mine
            contexts: [{name: mine, context: {cluster: c, user: u}}]
            users: [{name: u, user: {token: first}}]
            """);
    write("b/token", "t");
    Path b =
        write(
            "b/config",
            """
            current-context: other
            contexts: [{name: mine, context: {cluster: none, user: none}}]
            clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: ca.pem}}]
            users: [{name: u, user: {tokenFile: token}}]
            """);
    write("b/ca.pem", "CA");
    String list = a + File.pathSeparator + directory.resolve("missing") + File.pathSeparator + b;
    Cluster read = ClusterAccess.of(Path.of(list), Map.of()).read();
    assertThat(read.token().reveal()).isEqualTo("first");
    assertThat(read.ca()).isEqualTo("CA");

    Path nowhere = Path.of(directory.resolve("x") + File.pathSeparator + directory.resolve("y"));
    assertThatThrownBy(() -> ClusterAccess.of(nowhere, Map.of()).read())
        .hasMessageContaining(nowhere.toString())
        .hasMessageContaining("none of these files exists");
  }

  @Test
  void namesTheAccountOfItsOwnTokenButNotTheToken() throws Exception {
    String claims =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                "{\"sub\": \"system:serviceaccount:a:b\", \"exp\": 1}"
                    .getBytes(StandardCharsets.US_ASCII));
    Cluster read = kubeconfig("server: 'https://h'", "token: e30." + claims + ".c2ln");
    assertThat(read.account().credential())
        .contains("user u in ", "(context mine)", "(system:serviceaccount:a:b, expired at 1970-")
        .doesNotContain(claims);
  }

  @Test
  void theCheckReadsAllThatServeReads() throws Exception {
    Path file = directory.resolve("config");
    kubeconfig("server: 'https://h'", "token: t");
    ClusterAccess.check(file, Map.of());
    kubeconfig("server: 'https://h', certificate-authority-data: UEVN", "token: t");
    assertThatThrownBy(() -> ClusterAccess.check(file, Map.of()))
        .hasMessageContaining("certificate authority of https://h (expected: a file with PEM");
    assertThatThrownBy(
            () -> kubeconfig("server: 'https://h', certificate-authority: gone.pem", "token: t"))
        .hasMessageContaining("gone.pem: no such file");
    write("config", "hello: x");
    assertThatThrownBy(() -> ClusterAccess.check(file, Map.of()))
        .hasMessageContaining("current-context: missing (expected: the name of a context)");
  }

  @Test
  void saysWhenThereIsNoSuchContextOrNoYaml() throws Exception {
    Path file = write("config", "current-context: mine\ncontexts: []\n");
    assertThatThrownBy(() -> ClusterAccess.of(file, Map.of()).read())
        .hasMessageContaining("an entry named mine");
    write("config", "{token: secret-token");
    assertThatThrownBy(() -> ClusterAccess.of(file, Map.of()).read())
        .isInstanceOf(ClusterAccessException.class)
        .hasMessageNotContaining("secret-token");
    write("config", "- a");
    assertThatThrownBy(() -> ClusterAccess.of(file, Map.of()).read())
        .hasMessageContaining("mapping");
  }

  @Test
  void readsTheServiceAccountOfAPod() throws Exception {
    write("ca.crt", "CA");
    write("token", "abc\n");
    Map<String, String> environment =
        Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443");
    Cluster read = new InCluster(environment, directory).read();
    assertThat(read.server()).hasToString("https://[fd00::1]:6443");
    assertThat(read.ca()).isEqualTo("CA");
    assertThat(read.token().reveal()).isEqualTo("abc");
  }

  @Test
  void saysWhatToDoOutsideOfACluster() {
    assertThatThrownBy(() -> ClusterAccess.of(null, Map.of()).read())
        .isInstanceOf(ClusterAccessException.class)
        .hasMessageStartingWith("authentication.kubernetes.kubeconfig: null")
        .hasMessageContaining("path of a kubeconfig");
  }
}
