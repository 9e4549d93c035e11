package io.scopegate.authz.http;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Trusted authorities and the gateway's own identity. Blocks for some milliseconds. */
public final class TlsContext {
  private static final char[] NO_PASSWORD = {};

  private TlsContext() {}

  /** A private key and the certificates that go with it, the own one first. */
  public record Identity(List<X509Certificate> chain, PrivateKey key) {
    /** Copies the list. */
    public Identity {
      chain = List.copyOf(chain);
    }
  }

  /**
   * A context that trusts these authorities alone.
   *
   * @param authorities null for those of the JVM
   * @param identity null for none
   */
  public static SSLContext trusting(
      @Nullable List<X509Certificate> authorities, @Nullable Identity identity)
      throws GeneralSecurityException, IOException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(authorities == null ? null : store(authorities));
    return context(identity, factory.getTrustManagers());
  }

  /** A context that accepts any certificate for any name; only for an explicit configuration. */
  public static SSLContext trustingAnybody(@Nullable Identity identity)
      throws GeneralSecurityException, IOException {
    return context(identity, new TrustManager[] {new Anybody()});
  }

  private static SSLContext context(@Nullable Identity identity, TrustManager[] trust)
      throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity == null ? null : keys(identity), trust, null);
    return context;
  }

  private static KeyStore store(List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = MemoryKeyStore.empty();
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("ca-" + i, authorities.get(i));
    }
    return store;
  }

  private static KeyManager[] keys(Identity identity) throws GeneralSecurityException, IOException {
    KeyStore store = MemoryKeyStore.empty();
    store.setKeyEntry(
        "client", identity.key, NO_PASSWORD, identity.chain.toArray(new Certificate[0]));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  /** Extended, so that the JDK does not check the host name in its place. */
  private static final class Anybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
