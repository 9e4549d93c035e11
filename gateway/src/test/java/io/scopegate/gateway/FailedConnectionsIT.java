package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.PemFiles;
import io.scopegate.gateway.probe.LogCapture;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the log and the client learn of a connection that fails. */
final class FailedConnectionsIT {
  private static final String BORINGSSL =
      "certificateFile: DIR/tls.crt, keyFile: DIR/tls.key, clientCaFile: DIR/ca.crt";

  private final LogCapture log = new LogCapture("io.scopegate.gateway.listen.FailedConnections");
  private final GatewayHarness harness = GatewayHarness.following(yaml(BORINGSSL));

  private static String yaml(String tls) {
    return """
    upstreams: {up: {url: "http://127.0.0.1:1", protocol: http1}}
    listeners:
      tls: {address: "127.0.0.1:0", serves: [generic-read], upstream: up, tls: {mode: required, %1$s}}
      newest: {address: "127.0.0.1:0", serves: [generic-read], upstream: up,
        tls: {mode: required, minVersion: TLSv1.3, %1$s}}
      clear: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}
    """
        .formatted(tls);
  }

  @AfterEach
  void close() {
    harness.close();
    log.close();
  }

  /** Exactly one line, of that listener, with that cause, and nothing of Java in it. */
  private void assertLine(String listener, String cause) {
    GatewayHarness.until(() -> !log.lines().isEmpty());
    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith("INFO listeners." + listener + ": connection from 127.0.0.1:")
        .endsWith(" failed: " + cause)
        .doesNotContain("java", "javax", "netty", "Exception");
  }

  /** How a connection by TLS fails, as the client sees it. */
  private String failure(String listener, SSLContext tls, String... versions) {
    try (Wire wire = Wire.connectTls(harness.port(listener), tls, "http/1.1", versions)) {
      wire.readHead(); // nothing is sent: what is not read would be answered by a reset
      throw new AssertionError("let in");
    } catch (IOException e) {
      return "" + e.getMessage();
    }
  }

  @Test
  void clearTextIsAnsweredInClearTextWhereOnlyTlsIsSpoken() throws IOException {
    try (Wire clear = Wire.connect(harness.port("tls"))) {
      clear.write(harness.http1("GET", "/api/search"));
      Wire.Head head = clear.readHead();
      assertThat(head.status()).isEqualTo(400);
      assertThat(new String(clear.readBody(head), StandardCharsets.UTF_8))
          .isEqualTo("this port speaks TLS only: use https://\n");
      assertThat(clear.isClosedByPeer()).isTrue();
    }
    assertLine("tls", "it does not begin with TLS, and tls.mode is required on this listener");
  }

  @Test
  void http2InClearTextIsClosedWhereOnlyTlsIsSpoken() throws IOException {
    try (Wire clear = Wire.connect(harness.port("tls"))) {
      clear.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      assertThat(clear.isClosedByPeer()).isTrue();
    }
    assertLine("tls", "it does not begin with TLS, and tls.mode is required on this listener");
  }

  @Test
  void tlsOnAClearTextPortIsNamed() {
    failure("clear", harness.trust());
    assertLine("clear", "it begins with TLS, and tls.mode is disabled on this listener");
  }

  @Test
  void aForeignClientCertificateGetsTheAlertForIt() {
    SSLContext foreign = harness.showing(TestCa.create().client(new X500Principal("CN=jane")));
    assertThat(failure("tls", foreign)).contains("unknown_ca");
    assertLine("tls", "the client certificate is not signed by a CA of tls.clientCaFile");
  }

  @Test
  void anExpiredClientCertificateGetsTheAlertForIt() {
    X500Principal jane = new X500Principal("CN=jane");
    SSLContext expired = harness.showing(harness.ca.client(jane, Instant.now().minusSeconds(60)));
    assertThat(failure("tls", expired)).contains("certificate_expired");
    assertLine("tls", "the client certificate has expired");
  }

  @Test
  void aServersCertificateIsNoClientCertificate() {
    SSLContext server = harness.showing(harness.ca.server());
    assertThat(failure("tls", server)).contains("unsupported_certificate");
    assertLine("tls", "the client certificate is not for client authentication");
  }

  @Test
  void aClientThatDoesNotTrustTheGatewayIsNamed() {
    failure("tls", GatewayHarness.trust(TestCa.create()));
    assertLine(
        "tls",
        "the client does not accept this listener's certificate: it does not trust the CA, or uses"
            + " a name that is not in the certificate");
  }

  @Test
  void aClientThatIsTooOldIsNamed() {
    failure("newest", harness.trust(), "TLSv1.2");
    assertLine("newest", "the client offers no TLS version that tls.minVersion accepts");
  }

  @Test
  void theJdksEngineSaysTheSameInTheLog() throws IOException {
    harness.reload(
        yaml(
            "certificateFile: %s, keyFile: %s, clientCaFile: DIR/ca.crt"
                .formatted(
                    TestFiles.resource("tls/ed25519.crt"), TestFiles.resource("tls/ed25519.key"))));
    SSLContext foreign =
        harness.showing(
            TestCa.create().client(new X500Principal("CN=jane")),
            PemFiles.certificates(TestFiles.resource("tls/ed25519.crt")).get(0));
    failure("tls", foreign); // the alert is the JDK's own, and may be lost to the reset behind it
    assertLine("tls", "the client certificate is not signed by a CA of tls.clientCaFile");
  }

  @Test
  void aFloodMakesOneLine() throws IOException {
    for (int i = 0; i < 20; i++) {
      try (Wire clear = Wire.connect(harness.port("tls"))) {
        clear.write("GET / HTTP/1.1\r\n\r\n");
        assertThat(clear.readHead().status()).isEqualTo(400);
      }
    }
    assertThat(List.copyOf(log.lines())).hasSize(1);
  }
}
