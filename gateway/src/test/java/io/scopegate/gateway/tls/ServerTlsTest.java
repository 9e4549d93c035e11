package io.scopegate.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import io.scopegate.authz.CertificateGroups;
import io.scopegate.authz.CertificateUser;
import io.scopegate.authz.Lease;
import io.scopegate.config.PemFiles;
import io.scopegate.gateway.TestFiles;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ServerTlsTest {
  @TempDir private Path directory;

  private static TlsConfig config(Path certificate, Path key) {
    return new TlsConfig(
        TlsConfig.Mode.REQUIRED,
        certificate,
        key,
        List.of(),
        null,
        CertificateUser.CN,
        CertificateGroups.O,
        TlsConfig.MinVersion.TLSV1_2,
        TlsConfig.ClearTextTokens.ALLOW,
        List.of(),
        TlsProvider.AUTO,
        false);
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
    ServerTls tls = new ServerTls(config(certificate, key), true);

    assertThat(shown(tls))
        .isEqualTo(PemFiles.certificates(TestFiles.resource("tls/" + certificate)).get(0));
  }

  @Test
  void saysWhichFileCannotBeUsed() {
    Path missing = directory.resolve("tls.key");

    assertThatThrownBy(
            () -> new ServerTls(config(TestFiles.resource("tls/rsa.crt"), missing), true))
        .isInstanceOf(SSLException.class)
        .hasMessageStartingWith(missing.toString());
    assertThatThrownBy(() -> new ServerTls(config("rsa.pkcs8.key", "rsa.pkcs8.key"), true))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("rsa.pkcs8.key (expected: a certificate in PEM)");
    assertThatThrownBy(() -> new ServerTls(config("rsa.crt", "ec.sec1.key"), true))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("ec.sec1.key (expected: the private key of the certificate in ");
  }

  @Test
  void keepsTheCertificateWhenOnlyOneFileIsNew() throws IOException {
    Path certificate = copy("rsa.crt", "tls.crt");
    Path key = copy("rsa.pkcs8.key", "tls.key");
    ServerTls tls = new ServerTls(config(certificate, key), true);

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

  @Test
  void aReadingIsFreedWithTheLastConnectionThatBeganWithIt() throws SSLException {
    assumeTrue(OpenSsl.isAvailable());
    ServerTls tls = new ServerTls(config("rsa.crt", "rsa.pkcs8.key"), true);
    ServerTls.Read read = tls.acquire();
    SslContext context = read.context();
    SSLEngine connection = context.newEngine(ByteBufAllocator.DEFAULT);
    read.release();

    tls.reload();
    assertThat(tls.current().context()).isNotSameAs(context);
    assertThat(ReferenceCountUtil.refCnt(context)).isEqualTo(1);

    ReferenceCountUtil.release(connection);
    assertThat(ReferenceCountUtil.refCnt(context)).isZero();
    assertThat(ReferenceCountUtil.refCnt(tls.current().context())).isEqualTo(1);
  }

  @Test
  void aCertificateThatNobodySignedIsAnotherOneEachTime() throws Exception {
    TlsConfig config =
        new TlsConfig(
            TlsConfig.Mode.REQUIRED,
            null,
            null,
            List.of(),
            null,
            CertificateUser.CN,
            CertificateGroups.O,
            TlsConfig.MinVersion.TLSV1_2,
            TlsConfig.ClearTextTokens.ALLOW,
            List.of(),
            TlsProvider.AUTO,
            true);
    X509Certificate one = (X509Certificate) shown(new ServerTls(config, true));
    X509Certificate other = (X509Certificate) shown(new ServerTls(config, false));

    one.verify(one.getPublicKey());
    one.checkValidity();
    assertThat(one.getSubjectAlternativeNames())
        .anySatisfy(name -> assertThat(name.get(1)).isEqualTo("localhost"));
    assertThat(other.getPublicKey()).isNotEqualTo(one.getPublicKey());
  }

  // ---- certificates of clients

  private ServerTls asking(String server, Path authorities) throws SSLException {
    return new ServerTls(
        new TlsConfig(
            TlsConfig.Mode.REQUIRED,
            TestFiles.resource("tls/" + server + ".crt"),
            TestFiles.resource("tls/" + server + (server.equals("rsa") ? ".pkcs8.key" : ".key")),
            List.of(),
            authorities,
            CertificateUser.CN,
            CertificateGroups.O,
            TlsConfig.MinVersion.TLSV1_2,
            TlsConfig.ClearTextTokens.ALLOW,
            List.of(),
            TlsProvider.AUTO,
            false),
        true);
  }

  private SslContext client(TestCa.@Nullable Issued shown, String version) throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .protocols(version)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null);
    if (shown != null) {
      Path key = shown.writeKey(directory.resolve("client.key"));
      builder.keyManager(PemFiles.privateKey(key), shown.certificate());
    }
    return builder.build();
  }

  /** BoringSSL serves RSA, the JDK Ed25519. */
  private static List<Arguments> providersAndVersions() {
    return List.of("rsa", "ed25519").stream()
        .flatMap(server -> Stream.of("TLSv1.2", "TLSv1.3").map(v -> Arguments.of(server, v)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("providersAndVersions")
  void takesOnlyGoodCertificatesOfClientsOrNone(String server, String version) throws SSLException {
    TestCa ca = TestCa.create();
    ServerTls tls = asking(server, ca.writePem(directory.resolve("clients.crt")));
    X500Principal jane = new X500Principal("CN=jane");
    TestCa.Issued good = ca.client(jane);

    assertThat(
            Handshake.between(client(good, version), tls.current().context()).clientCertificate())
        .isEqualTo(good.certificate());
    assertThatThrownBy(() ->
            Handshake.between(client(null, version), tls.current().context()).clientCertificate())
        .isInstanceOf(SSLPeerUnverifiedException.class);
    for (TestCa.Issued bad :
        List.of(
            TestCa.create().client(jane),
            ca.client(jane, Instant.now().minusSeconds(60)),
            ca.server())) {
      SslContext context = tls.current().context();
      assertThatThrownBy(() -> Handshake.between(client(bad, version), context))
          .isInstanceOf(SSLException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("providersAndVersions")
  void aSecondConnectionIsNeverSomebodyElse(String server, String version) throws SSLException {
    TestCa ca = TestCa.create();
    Path authorities = ca.writePem(directory.resolve("clients.crt"));
    ServerTls tls = asking(server, authorities);
    TestCa.Issued jane = ca.client("jane");
    SslContext client = client(jane, version);
    for (int i = 0; i < 3; i++) { // resumed, where that is done
      assertThat(Handshake.between(client, tls.current().context()).clientCertificate())
          .isEqualTo(jane.certificate());
    }

    TestCa.create().writePem(authorities);
    tls.reload();

    SslContext context = tls.current().context();
    assertThatThrownBy(() -> Handshake.between(client, context)).isInstanceOf(SSLException.class);
  }

  @Test
  void othersAuthoritiesEndWhatTheOnesBeforeHaveChecked() throws IOException {
    TestCa ca = TestCa.create();
    Path authorities = ca.writePem(directory.resolve("clients.crt"));
    ServerTls tls = asking("rsa", authorities);
    Lease lease =
        tls.current().authorities().of(ca.client("jane").certificate(), 1).proof().lease();

    tls.reload();
    assertThat(lease.ended()).isFalse();

    Files.writeString(authorities, ca.pem() + TestCa.create().pem());
    tls.reload();
    assertThat(lease.ended()).isTrue();
  }
}
