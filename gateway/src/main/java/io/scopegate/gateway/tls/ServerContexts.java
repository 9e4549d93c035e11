package io.scopegate.gateway.tls;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.scopegate.authz.decision.ClientAuthorities;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes the TLS contexts of a port: the only place where the options of {@link TlsConfig} that a
 * handshake depends on take effect.
 */
public final class ServerContexts {
  /** The TLS 1.2 suites that can be offered; those of TLS 1.3 are always offered. */
  public static final List<String> SUITES =
      Http2SecurityUtil.CIPHERS.stream().filter(suite -> suite.contains("_WITH_")).toList();

  private static final List<String> ALPN =
      List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);

  private final TlsConfig config;
  private final boolean http2;
  private final boolean anyCertificate;

  /**
   * Contexts of a port with these options.
   *
   * @param http2 whether HTTP/2 is offered
   * @param anyCertificate whether a handshake accepts any client certificate
   */
  ServerContexts(TlsConfig config, boolean http2, boolean anyCertificate) {
    this.config = config;
    this.http2 = http2;
    this.anyCertificate = anyCertificate;
  }

  /**
   * A context.
   *
   * @param identity the certificate that it shows
   * @param authorities what client certificates are checked with; null when none are asked for
   * @throws SSLException when an option does not fit the certificate or the platform
   */
  SslContext of(TlsIdentity identity, @Nullable ClientAuthorities authorities) throws SSLException {
    try {
      SslContextBuilder builder =
          TlsContexts.common(
                  SslContextBuilder.forServer(identity.key(), identity.chain()),
                  config.provider().of(identity),
                  http2 ? ALPN : List.of(ApplicationProtocolNames.HTTP_1_1),
                  config.minVersion())
              .ciphers(suites(config.cipherSuites()), SupportedCipherSuiteFilter.INSTANCE);
      return authorities == null
          ? builder.build()
          : asking(builder, config.provider().of(identity), authorities);
    } catch (IllegalArgumentException e) {
      throw new SSLException(ServerTls.files(config) + ": " + e.getMessage(), e);
    }
  }

  /**
   * Requests a certificate but does not require one. Sessions may be resumed, and then nobody
   * checks the chain in the handshake: BoringSSL has no cache here but issues tickets, and the JDK
   * offers no way to refuse. So each connection's chain is checked when it is first used. A session
   * belongs to one reading of the files, with whose authorities it began.
   */
  private SslContext asking(
      SslContextBuilder builder, SslProvider provider, ClientAuthorities authorities)
      throws SSLException {
    X509TrustManager trust =
        anyCertificate
            ? authorities.trustLater()
            : provider == SslProvider.JDK
                ? authorities.trust()
                : new AlertedTrust(authorities.trust());
    SslContext context = builder.clientAuth(ClientAuth.OPTIONAL).trustManager(trust).build();
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      sessions.setSessionCacheEnabled(false);
    }
    return context;
  }

  /**
   * What is offered when these suites of TLS 1.2 are asked for.
   *
   * @param wanted some of {@link #SUITES}; none: all of them
   */
  private static List<String> suites(List<String> wanted) {
    return Http2SecurityUtil.CIPHERS.stream()
        .filter(suite -> wanted.isEmpty() || wanted.contains(suite) || !SUITES.contains(suite))
        .toList();
  }
}
