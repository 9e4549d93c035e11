package io.scopegate.authz.kubernetes;

import io.scopegate.config.PemFiles;
import io.scopegate.config.Secret;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the API server is and how this process proves itself to it, at one moment: all files are
 * read already.
 *
 * @param server the API server's base address, without a trailing slash
 * @param ca the PEM of the authorities that are trusted; null for those of the JVM
 * @param insecureSkipVerify whether any certificate is taken
 * @param serverName the name that its certificate must have; null for the host of the address
 * @param proxy the HTTP proxy on the way there; null for none
 * @param clientKey the client certificate and its key; null when none is used
 * @param token the bearer token; null when none is used
 * @param account who this process is there, for the log; holds no secret
 */
record Cluster(
    URI server,
    @Nullable String ca,
    boolean insecureSkipVerify,
    @Nullable String serverName,
    @Nullable URI proxy,
    @Nullable ClientKey clientKey,
    @Nullable Secret token,
    Account account) {

  /** Refuses what is no address of an API server. */
  Cluster {
    String scheme = server.getScheme();
    if (server.getHost() == null || !("https".equals(scheme) || "http".equals(scheme))) {
      throw new IllegalArgumentException("server: " + server + " (expected: https://HOST[:PORT])");
    }
  }

  /** A server that is reached directly and has its own name. */
  Cluster(
      URI server,
      @Nullable String ca,
      boolean insecureSkipVerify,
      @Nullable ClientKey clientKey,
      @Nullable Secret token) {
    this(
        server,
        ca,
        insecureSkipVerify,
        null,
        null,
        clientKey,
        token,
        Account.of("", clientKey, token));
  }

  /** Whether a connection made for the other serves this one: all but the token is the same. */
  boolean sameConnection(Cluster other) {
    return server.equals(other.server)
        && insecureSkipVerify == other.insecureSkipVerify
        && Objects.equals(serverName, other.serverName)
        && Objects.equals(proxy, other.proxy)
        && Objects.equals(ca, other.ca)
        && Objects.equals(clientKey, other.clientKey);
  }

  /**
   * When what is presented expires, in milliseconds since the epoch: the {@code exp} of a token, or
   * the client certificate's end. {@link Long#MAX_VALUE} when it does not say.
   */
  long expiryMillis() {
    if (token != null) {
      return Tokens.expiryMillis(token.reveal());
    }
    return clientKey == null ? Long.MAX_VALUE : clientKey.expiryMillis();
  }

  /**
   * A client certificate with its key, both PEM.
   *
   * @param certificate the certificate, followed by intermediate ones
   * @param key the private key
   */
  record ClientKey(String certificate, Secret key) {
    private long expiryMillis() {
      try {
        return PemFiles.certificates(certificate, "client certificate")
            .get(0)
            .getNotAfter()
            .getTime();
      } catch (IllegalArgumentException e) {
        return Long.MAX_VALUE; // it cannot be used either, and that is said elsewhere
      }
    }
  }
}
