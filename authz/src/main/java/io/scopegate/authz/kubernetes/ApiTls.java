package io.scopegate.authz.kubernetes;

import io.scopegate.authz.http.NamedServerTls;
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
    String name = cluster.serverName();
    try {
      SSLContext context = context(cluster, identity);
      return name == null ? context : NamedServerTls.context(context, name);
    } catch (IllegalArgumentException | GeneralSecurityException | IOException e) {
      throw new ClusterAccessException(
          "certificate authority of " + cluster.server(), "a file with PEM certificates", e);
    }
  }

  private static SSLContext context(Cluster cluster, @Nullable Identity identity)
      throws GeneralSecurityException, IOException {
    if (cluster.insecureSkipVerify()) {
      return TlsContext.trustingAnybody(identity);
    }
    String ca = cluster.ca();
    return TlsContext.trusting(
        ca == null ? null : PemFiles.certificates(ca, "certificate authority"), identity);
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
          "client certificate and key", "PEM, the key not encrypted", e);
    }
  }
}
