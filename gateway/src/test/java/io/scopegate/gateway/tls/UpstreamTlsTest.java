package io.scopegate.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.scopegate.config.PemFiles;
import io.scopegate.gateway.TestFiles;
import io.scopegate.testkit.TestCa;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UpstreamTlsTest {
  @TempDir private Path directory;
  private final TestCa ca = TestCa.create();

  private UpstreamTlsConfig config(Path caFile, String certificate, String key) {
    return new UpstreamTlsConfig(
        caFile,
        TestFiles.resource("tls/" + certificate),
        TestFiles.resource("tls/" + key),
        null,
        null,
        false);
  }

  /** A server that wants a certificate, whoever issued it. */
  /** A server that wants a certificate, whoever issued it. */
  private SslContext server() throws SSLException {
    TestCa.Issued issued = ca.server();
    return SslContextBuilder.forServer(
            PemFiles.privateKey(issued.writeKey(directory.resolve("server.key"))),
            PemFiles.certificates(issued.writeCertificate(directory.resolve("server.crt"))).get(0))
        .sslProvider(SslProvider.JDK)
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .clientAuth(ClientAuth.REQUIRE)
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "rsa.crt, rsa.pkcs8.key",
    "rsa.crt, rsa.pkcs1.key",
    "ec.crt, ec.pkcs8.key",
    "ec.crt, ec.sec1.key",
    "ed25519.crt, ed25519.key"
  })
  void showsACertificateWhoseKeyIsInAnyForm(String certificate, String key) throws SSLException {
    UpstreamTls tls =
        new UpstreamTls(config(ca.writePem(directory.resolve("ca.crt")), certificate, key));

    for (SslContext client : new SslContext[] {tls.http1(), tls.http2()}) {
      assertThat(Handshake.between(client, server()).clientCertificate())
          .isEqualTo(PemFiles.certificates(TestFiles.resource("tls/" + certificate)).get(0));
    }
  }

  @Test
  void saysWhichFileCannotBeUsed() {
    Path missing = directory.resolve("missing.crt");

    assertThatThrownBy(() -> new UpstreamTls(config(missing, "rsa.crt", "rsa.pkcs8.key")))
        .isInstanceOf(SSLException.class)
        .hasMessageStartingWith(missing.toString());
    assertThatThrownBy(() ->
            new UpstreamTls(
                config(ca.writePem(directory.resolve("ca.crt")), "rsa.crt", "ec.sec1.key")))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("ec.sec1.key (expected: the private key of the certificate in ");
  }
}
