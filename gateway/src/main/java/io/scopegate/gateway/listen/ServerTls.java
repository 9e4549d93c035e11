package io.scopegate.gateway.listen;

import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.scopegate.authz.ClientAuthorities;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a port shows, and the authorities of those that clients may show; new
 * connections see new ones as soon as they are read.
 */
public final class ServerTls {
  private final TlsConfig config;
  private final boolean http2;
  private final @Nullable TlsIdentity selfSigned;
  private volatile Read read;

  /**
   * What the files held at one time. A TLS session belongs to the context it began with, so that
   * none is resumed under other authorities than those that have checked it.
   *
   * @param context for new connections
   * @param authorities what client certificates are checked with; null when none are asked for
   */
  record Read(SslContext context, @Nullable ClientAuthorities authorities) {}

  /**
   * Reads the files, or makes a certificate where there are none to read.
   *
   * @param http2 whether HTTP/2 is offered
   * @throws SSLException when they are no usable certificate and key
   */
  public ServerTls(TlsConfig config, boolean http2) throws SSLException {
    this.config = config;
    this.http2 = http2;
    selfSigned = config.selfSigned() ? SelfSigned.create() : null;
    read = read(null);
  }

  /** The files that are followed. */
  public static List<Path> files(TlsConfig config) {
    return Stream.of(config.certificateFile(), config.keyFile(), config.clientCaFile())
        .filter(Objects::nonNull)
        .toList();
  }

  /**
   * Reads the files again.
   *
   * @throws SSLException when they are not usable, for example because one of the two is newer; the
   *     certificate before stays
   */
  public void reload() throws SSLException {
    ClientAuthorities before = read.authorities();
    read = read(before);
    if (before != null && before != read.authorities()) {
      before.end();
    }
  }

  /** For a new connection. */
  Read current() {
    return read;
  }

  private Read read(@Nullable ClientAuthorities before) throws SSLException {
    ClientAuthorities authorities = authorities(before);
    return new Read(context(authorities), authorities);
  }

  /** Those before, when they are the same, so that nobody is checked anew for nothing. */
  private @Nullable ClientAuthorities authorities(@Nullable ClientAuthorities before)
      throws SSLException {
    if (config.clientCaFile() == null) {
      return null;
    }
    List<X509Certificate> certificates = TlsIdentity.certificates(config.clientCaFile());
    return before != null && before.are(certificates)
        ? before
        : new ClientAuthorities(certificates);
  }

  private SslContext context(@Nullable ClientAuthorities authorities) throws SSLException {
    String[] versions =
        config.minVersion() == TlsConfig.MinVersion.TLSV1_3
            ? new String[] {"TLSv1.3"}
            : new String[] {"TLSv1.2", "TLSv1.3"};
    TlsIdentity identity = selfSigned != null ? selfSigned : identity();
    try {
      SslContextBuilder builder =
          TlsContexts.common(
                  SslContextBuilder.forServer(identity.key(), identity.chain()),
                  identity.provider(),
                  http2
                      ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
                      : List.of(ApplicationProtocolNames.HTTP_1_1))
              .ciphers(
                  TlsContexts.suites(config.cipherSuites()), SupportedCipherSuiteFilter.INSTANCE)
              .protocols(versions);
      return authorities == null ? builder.build() : asking(builder, authorities);
    } catch (IllegalArgumentException e) {
      throw new SSLException(files(config) + ": " + e.getMessage(), e);
    }
  }

  private TlsIdentity identity() throws SSLException {
    return TlsIdentity.read(
        Objects.requireNonNull(config.certificateFile(), "certificateFile"),
        Objects.requireNonNull(config.keyFile(), "keyFile"));
  }

  /**
   * Asks for a certificate, and does without one. BoringSSL resumes no sessions then; the JDK
   * offers no way to say so, and keeps the certificate with the session.
   */
  private static SslContext asking(SslContextBuilder builder, ClientAuthorities authorities)
      throws SSLException {
    SslContext context =
        builder.clientAuth(ClientAuth.OPTIONAL).trustManager(authorities.trust()).build();
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      sessions.setSessionCacheEnabled(false);
    }
    return context;
  }
}
