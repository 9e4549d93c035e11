package io.scopegate.gateway.forward;

import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.scopegate.gateway.listen.TlsContexts;
import io.scopegate.gateway.listen.TlsIdentity;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** TLS towards one upstream, with one context for each protocol, as ALPN offers exactly one. */
public final class UpstreamTls {
  private final UpstreamTlsConfig config;
  private volatile Contexts contexts;

  private record Contexts(SslContext http1, SslContext http2) {}

  /**
   * Reads the files.
   *
   * @throws SSLException when they are no usable certificates or keys
   */
  public UpstreamTls(UpstreamTlsConfig config) throws SSLException {
    this.config = config;
    contexts = read();
  }

  /** The files that are followed. */
  public List<Path> files() {
    List<Path> all = new ArrayList<>();
    for (Path p : new Path[] {config.caFile(), config.certificateFile(), config.keyFile()}) {
      if (p != null) {
        all.add(p);
      }
    }
    return all;
  }

  /**
   * Reads the files again; new connections use them.
   *
   * @throws SSLException when they are not usable; the ones before stay
   */
  public void reload() throws SSLException {
    contexts = read();
  }

  SslContext http1() {
    return contexts.http1();
  }

  SslContext http2() {
    return contexts.http2();
  }

  private Contexts read() throws SSLException {
    Path certificateFile = config.certificateFile();
    Path keyFile = config.keyFile();
    TlsIdentity identity =
        certificateFile == null || keyFile == null
            ? null
            : TlsIdentity.read(certificateFile, keyFile);
    X509Certificate[] trusted =
        config.caFile() == null || config.insecureSkipVerify()
            ? null
            : TlsIdentity.certificates(config.caFile()).toArray(X509Certificate[]::new);
    return new Contexts(
        context(ApplicationProtocolNames.HTTP_1_1, identity, trusted),
        context(ApplicationProtocolNames.HTTP_2, identity, trusted));
  }

  private SslContext context(
      String protocol, @Nullable TlsIdentity identity, X509Certificate @Nullable [] trusted)
      throws SSLException {
    SslContextBuilder b =
        TlsContexts.common(
            SslContextBuilder.forClient(),
            identity == null ? TlsContexts.provider() : identity.provider(),
            List.of(protocol));
    if (config.insecureSkipVerify()) {
      b.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
    } else if (trusted != null) {
      b.trustManager(trusted);
    }
    if (identity != null) {
      b.keyManager(identity.key(), identity.chain());
    }
    try {
      return b.build();
    } catch (IllegalArgumentException e) {
      throw new SSLException(files() + ": " + e.getMessage(), e);
    }
  }
}
