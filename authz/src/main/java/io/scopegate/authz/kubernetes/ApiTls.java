package io.scopegate.authz.kubernetes;

import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.scopegate.authz.kubernetes.Cluster.ClientKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Keys and trust for the connection to the API server. Trust is made here because the client
 * library adds the JVM's public authorities to the cluster's own: any of them could then name an
 * API server.
 */
final class ApiTls {
  private ApiTls() {}

  /** Who may be the API server. */
  static TrustManager[] trust(Cluster cluster) throws ClusterAccessException {
    try {
      if (cluster.insecureSkipVerify()) {
        return SSLUtils.trustManagers(null, null, true, null, null);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      String ca = cluster.ca();
      factory.init(ca == null ? null : authorities(ca));
      return factory.getTrustManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new ClusterAccessException("certificate authority (expected: PEM certificates)", e);
    }
  }

  private static KeyStore authorities(String pem) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int number = 0;
    for (Certificate each :
        CertificateFactory.getInstance("X.509").generateCertificates(stream(pem))) {
      store.setCertificateEntry("ca-" + number++, each);
    }
    if (number == 0) {
      throw new GeneralSecurityException("no certificate");
    }
    return store;
  }

  /** The client's own key; null when it has none. */
  static KeyManager @Nullable [] keys(Cluster cluster) throws ClusterAccessException {
    ClientKey clientKey = cluster.clientKey();
    if (clientKey == null) {
      return null;
    }
    // A PKCS#8 key does not say in its first line which kind it is.
    boolean elliptic = clientKey.key().reveal().contains("BEGIN EC PRIVATE KEY");
    try {
      return elliptic ? keys(clientKey, "EC") : keys(clientKey, "RSA");
    } catch (GeneralSecurityException | IOException | RuntimeException notRsa) {
      try {
        return keys(clientKey, "EC");
      } catch (GeneralSecurityException | IOException | RuntimeException e) {
        throw new ClusterAccessException(
            "client certificate and key (expected: PEM, the key RSA or EC)", e);
      }
    }
  }

  private static KeyManager[] keys(ClientKey clientKey, String algorithm)
      throws GeneralSecurityException, IOException {
    return SSLUtils.keyManagers(
        stream(clientKey.certificate()), stream(clientKey.key().reveal()), algorithm, "", null, "");
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
  }
}
