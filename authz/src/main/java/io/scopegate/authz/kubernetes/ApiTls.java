package io.scopegate.authz.kubernetes;

import io.scopegate.authz.http.TlsContext;
import io.scopegate.authz.http.TlsContext.Identity;
import io.scopegate.authz.kubernetes.Cluster.ClientKey;
import io.scopegate.config.PemFiles;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Keys and trust for the connection to the API server. */
final class ApiTls {
  private ApiTls() {}

  /** Who may be the API server, and who the gateway is. */
  static SSLContext context(Cluster cluster) throws ClusterAccessException {
    Identity identity = identity(cluster.clientKey());
    try {
      if (cluster.insecureSkipVerify()) {
        return TlsContext.trustingAnybody(identity);
      }
      String ca = cluster.ca();
      return TlsContext.trusting(
          ca == null ? null : PemFiles.certificates(ca, "certificate authority"), identity);
    } catch (IllegalArgumentException | GeneralSecurityException | IOException e) {
      throw new ClusterAccessException("certificate authority (expected: PEM certificates)", e);
    }
  }

  private static @Nullable Identity identity(@Nullable ClientKey clientKey)
      throws ClusterAccessException {
    if (clientKey == null) {
      return null;
    }
    try {
      return new Identity(
          PemFiles.certificates(clientKey.certificate(), "client certificate"),
          PemFiles.privateKey(clientKey.key().reveal(), "client key"));
    } catch (IllegalArgumentException e) {
      throw new ClusterAccessException(
          "client certificate and key (expected: PEM, the key not encrypted)", e);
    }
  }
}
