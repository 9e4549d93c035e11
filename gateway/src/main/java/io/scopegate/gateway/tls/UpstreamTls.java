package io.scopegate.gateway.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** TLS towards one upstream, with one context for each protocol, as ALPN offers exactly one. */
public final class UpstreamTls {
  private final UpstreamTlsConfig config;
  private final RefCountedReference<Contexts> current;

  /** The contexts made from one reading of the files. */
  private static final class Contexts extends TlsContextSet {
    final SslContext http1;
    final SslContext http2;
    final TlsUse use;

    Contexts(Making made, SslContext http1, SslContext http2, TlsUse use) {
      super(made);
      this.http1 = http1;
      this.http2 = http2;
      this.use = use;
    }
  }

  /** Makes what a connection to the server begins with. */
  public interface Beginning {
    /** For a connection; host and port are those of the server's certificate. */
    SslHandler begin(ByteBufAllocator alloc, String host, int port);
  }

  /**
   * Reads the files.
   *
   * @throws SSLException when they are no usable certificates or keys
   */
  public UpstreamTls(UpstreamTlsConfig config) throws SSLException {
    this.config = config;
    current = new RefCountedReference<>(read());
  }

  /**
   * Reads the files again; new connections use them.
   *
   * @throws SSLException when they are not usable; the ones before stay
   */
  public void reload() throws SSLException {
    current.replaceWith(read());
  }

  /** The TLS providers in use, and the expiry of the files. */
  public TlsUse use() {
    return current.look().use;
  }

  /** For HTTP/1.1, to look at. */
  SslContext http1() {
    return current.look().http1;
  }

  /** For HTTP/2, to look at. */
  SslContext http2() {
    return current.look().http2;
  }

  /** Begins a connection for HTTP/1.1. */
  public SslHandler begin1(ByteBufAllocator alloc, String host, int port) {
    Contexts contexts = current.acquire();
    try {
      return begin(contexts.http1, alloc, host, port);
    } finally {
      contexts.release();
    }
  }

  /** Begins a connection for HTTP/2. */
  public SslHandler begin2(ByteBufAllocator alloc, String host, int port) {
    Contexts contexts = current.acquire();
    try {
      return begin(contexts.http2, alloc, host, port);
    } finally {
      contexts.release();
    }
  }

  /**
   * Neither TLS provider sends the name of a server (SNI) without a dot in it, which is what most
   * services have within their namespace, unless it is asked to.
   */
  private static SslHandler begin(
      SslContext context, ByteBufAllocator alloc, String host, int port) {
    SslHandler handler = context.newHandler(alloc, host, port);
    SNIHostName name = singleLabel(host);
    if (name != null) {
      SSLParameters parameters = handler.engine().getSSLParameters();
      parameters.setServerNames(List.of(name));
      handler.engine().setSSLParameters(parameters);
    }
    return handler;
  }

  private static @Nullable SNIHostName singleLabel(String host) {
    if (host.indexOf('.') >= 0 || host.indexOf(':') >= 0) {
      return null; // an address, or a name that is sent anyway
    }
    try {
      return new SNIHostName(host);
    } catch (IllegalArgumentException none) {
      return null; // RFC 6066 does not know such names
    }
  }

  private Contexts read() throws SSLException {
    List<TlsFile> files = new ArrayList<>();
    TlsIdentity identity = identity(files);
    X509Certificate[] trusted = trusted(files);
    TlsContextSet.Making making = new TlsContextSet.Making();
    return new Contexts(
        making,
        making.add(() -> context(ApplicationProtocolNames.HTTP_1_1, identity, trusted)),
        making.add(() -> context(ApplicationProtocolNames.HTTP_2, identity, trusted)),
        TlsUse.of(identity == null ? List.of() : List.of(identity), files, provider()));
  }

  private TlsProvider provider() {
    TlsProvider given = config.provider();
    return given == null ? TlsProvider.AUTO : given;
  }

  private @Nullable TlsIdentity identity(List<TlsFile> files) throws SSLException {
    Path certificateFile = config.certificateFile();
    Path keyFile = config.keyFile();
    if (certificateFile == null || keyFile == null) {
      return null;
    }
    TlsIdentity identity = TlsIdentity.read(certificateFile, keyFile);
    files.add(TlsFile.chain(certificateFile, identity.certificates()));
    return identity;
  }

  private X509Certificate @Nullable [] trusted(List<TlsFile> files) throws SSLException {
    Path file = config.caFile();
    if (file == null || config.insecureSkipVerify()) {
      return null;
    }
    List<X509Certificate> certificates = TlsIdentity.certificates(file);
    files.add(TlsFile.authorities(file, certificates));
    return certificates.toArray(X509Certificate[]::new);
  }

  private SslContext context(
      String protocol, @Nullable TlsIdentity identity, X509Certificate @Nullable [] trusted)
      throws SSLException {
    SslContextBuilder b =
        TlsContexts.common(
            SslContextBuilder.forClient(),
            provider().of(identity),
            List.of(protocol),
            TlsConfig.MinVersion.TLSV1_2);
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
      throw new SSLException(config.files() + ": " + e.getMessage(), e);
    }
  }
}
