package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PemFilesTest {
  private static Path pem(String name) throws URISyntaxException {
    URL url = Objects.requireNonNull(PemFilesTest.class.getResource("pem/" + name));
    return Path.of(url.toURI());
  }

  @ParameterizedTest
  @CsvSource({
    "rsa.crt,rsa.pkcs8.key",
    "rsa.crt,rsa.pkcs1.key",
    "ec.crt,ec.pkcs8.key",
    "ec.crt,ec.sec1.key",
    "ed25519.crt,ed25519.key",
    "chain.crt,rsa.pkcs8.key",
  })
  void readsEveryKindOfKeyAndKnowsItsCertificate(String certificate, String key)
      throws URISyntaxException {
    X509Certificate own = PemFiles.certificates(pem(certificate)).get(0);
    PrivateKey privateKey = PemFiles.privateKey(pem(key));

    assertThat(PemFiles.belongTogether(own, privateKey)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"rsa.crt,ec.pkcs8.key", "ec.crt,rsa.pkcs8.key", "ed25519.crt,ec.sec1.key"})
  void knowsTheKeyOfAnother(String certificate, String key) throws URISyntaxException {
    assertThat(
            PemFiles.belongTogether(
                PemFiles.certificates(pem(certificate)).get(0), PemFiles.privateKey(pem(key))))
        .isFalse();
  }

  @Test
  void readsAChainInItsOrder() throws URISyntaxException {
    assertThat(PemFiles.certificates(pem("chain.crt")))
        .extracting(c -> c.getSubjectX500Principal().getName())
        .containsExactly("CN=rsa", "CN=ec");
  }

  @Test
  void refusesWhatIsNotWhatWasAskedFor(@TempDir Path directory) throws Exception {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PemFiles.certificates(pem("rsa.pkcs8.key")))
        .withMessageContaining("expected: a certificate");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PemFiles.privateKey(pem("rsa.crt")))
        .withMessageContaining("expected: a private key");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PemFiles.privateKey(pem("encrypted.key")))
        .withMessageContaining("not encrypted");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PemFiles.privateKey(directory.resolve("none")))
        .withMessageContaining("can be read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"})
  void refusesAKeyThatIsCutOff(String label, @TempDir Path directory) throws IOException {
    Path file = directory.resolve("key");
    for (String body : new String[] {"", "MAA=", "MHcCAQEEIA==", "MIP/////", "====", "AAAA"}) {
      Files.writeString(file, "-----BEGIN %s-----%n%s%n-----END %1$s-----".formatted(label, body));

      assertThatIllegalArgumentException().isThrownBy(() -> PemFiles.privateKey(file));
    }
  }

  @Property
  void anyBytesAsAnEcKeyAreReadOrRefused(@ForAll byte[] der) {
    try {
      assertThat(Pkcs8.ofEc(der)).isNotEmpty();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("RFC 5915");
    }
  }
}
