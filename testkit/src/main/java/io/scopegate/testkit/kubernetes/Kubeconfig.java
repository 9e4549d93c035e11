package io.scopegate.testkit.kubernetes;

import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** Writes kubeconfig files that lead to a stand-in. */
public final class Kubeconfig {
  private final String cluster;

  Kubeconfig(String url, TestCa ca) {
    this.cluster =
        url.startsWith("https:")
            ? "{server: \"%s\", certificate-authority-data: %s}".formatted(url, base64(ca.pem()))
            : "{server: \"%s\"}".formatted(url);
  }

  /** A kubeconfig with this token. */
  public Path withToken(Path file, String token) {
    return write(file, "{token: \"%s\"}".formatted(token));
  }

  /** A kubeconfig with a token file, which may be replaced. */
  public Path withTokenFile(Path file, Path tokenFile) {
    return write(file, "{tokenFile: \"%s\"}".formatted(tokenFile.toAbsolutePath()));
  }

  /** For a client with a certificate. */
  public Path withCertificate(Path file, TestCa.Issued certificate) {
    String user =
        "{client-certificate-data: %s, client-key-data: %s}"
            .formatted(base64(certificate.certificatePem()), base64(certificate.keyPem()));
    return write(file, user);
  }

  private Path write(Path file, String user) {
    String text =
        """
        apiVersion: v1
        kind: Config
        current-context: testkit
        contexts: [{name: testkit, context: {cluster: testkit, user: testkit}}]
        clusters: [{name: testkit, cluster: %s}]
        users: [{name: testkit, user: %s}]
        """
            .formatted(cluster, user);
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
