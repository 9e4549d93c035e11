package io.scopegate.gateway.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.scopegate.config.PemFiles;
import io.scopegate.gateway.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServerTlsTest {
  @TempDir private Path directory;

  private static TlsConfig config(Path certificate, Path key) {
    return new TlsConfig(
        TlsConfig.Mode.REQUIRED, certificate, key, null, TlsConfig.MinVersion.TLSV1_2);
  }

  private static TlsConfig config(String certificate, String key) {
    return config(TestFiles.resource("tls/" + certificate), TestFiles.resource("tls/" + key));
  }

  private static Certificate shown(ServerTls tls) throws SSLException {
    SslContext client =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .build();
    return Handshake.between(client, tls.current().context()).serverCertificate();
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
    ServerTls tls = new ServerTls(config(certificate, key));

    assertThat(shown(tls))
        .isEqualTo(PemFiles.certificates(TestFiles.resource("tls/" + certificate)).get(0));
  }

  @Test
  void saysWhichFileCannotBeUsed() {
    Path missing = directory.resolve("tls.key");

    assertThatThrownBy(() -> new ServerTls(config(TestFiles.resource("tls/rsa.crt"), missing)))
        .isInstanceOf(SSLException.class)
        .hasMessageStartingWith(missing.toString());
    assertThatThrownBy(() -> new ServerTls(config("rsa.pkcs8.key", "rsa.pkcs8.key")))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("rsa.pkcs8.key (expected: a certificate in PEM)");
    assertThatThrownBy(() -> new ServerTls(config("rsa.crt", "ec.sec1.key")))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("ec.sec1.key (expected: the private key of the certificate in ");
  }

  @Test
  void keepsTheCertificateWhenOnlyOneFileIsNew() throws IOException {
    Path certificate = copy("rsa.crt", "tls.crt");
    Path key = copy("rsa.pkcs8.key", "tls.key");
    ServerTls tls = new ServerTls(config(certificate, key));

    copy("ec.crt", "tls.crt");

    assertThatThrownBy(tls::reload).isInstanceOf(SSLException.class);
    assertThat(shown(tls))
        .isEqualTo(PemFiles.certificates(TestFiles.resource("tls/rsa.crt")).get(0));

    copy("ec.sec1.key", "tls.key");
    tls.reload();

    assertThat(shown(tls))
        .isEqualTo(PemFiles.certificates(TestFiles.resource("tls/ec.crt")).get(0));
  }

  private Path copy(String resource, String name) throws IOException {
    return Files.copy(
        TestFiles.resource("tls/" + resource),
        directory.resolve(name),
        StandardCopyOption.REPLACE_EXISTING);
  }
}
