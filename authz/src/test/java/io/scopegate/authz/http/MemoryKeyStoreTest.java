package io.scopegate.authz.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import org.junit.jupiter.api.Test;

class MemoryKeyStoreTest {
  private static final char[] NO_PASSWORD = {};

  /** The default of each JVM that nobody has configured otherwise. */
  @Test
  void insteadOfPkcs12ItIsOneThatDerivesNothing() {
    assertThat(MemoryKeyStore.choose("pkcs12")).isEqualTo("JKS");
    assertThat(MemoryKeyStore.choose("PKCS12")).isEqualTo("JKS");
  }

  @Test
  void whoHasSetAnotherDefaultKeepsIt() {
    assertThat(MemoryKeyStore.choose("BCFKS")).isEqualTo("BCFKS");
  }

  @Test
  void itGivesAKeyBackWithoutAPassword() throws Exception {
    Certificate[] chain = {
      TestCa.create().certificate()
    }; // of whatever key: the store does not look
    Key key = KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
    KeyStore store = MemoryKeyStore.empty();

    store.setKeyEntry("client", key, NO_PASSWORD, chain);

    assertThat(store.getKey("client", NO_PASSWORD)).isEqualTo(key);
    assertThat(store.getCertificateChain("client")).isEqualTo(chain);
  }
}
