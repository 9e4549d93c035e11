package io.scopegate.gateway.listen;

import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLException;

/** The certificate that a port shows; new connections see a new one as soon as it is read. */
public final class ServerTls {
  private final TlsConfig config;
  private final Path certificateFile;
  private final Path keyFile;
  private volatile SslContext context;

  /**
   * Reads the files.
   *
   * @throws SSLException when they are no usable certificate and key
   */
  public ServerTls(TlsConfig config) throws SSLException {
    this.config = config;
    certificateFile = Objects.requireNonNull(config.certificateFile(), "certificateFile");
    keyFile = Objects.requireNonNull(config.keyFile(), "keyFile");
    context = read();
  }

  /** The files that are followed. */
  public List<Path> files() {
    return List.of(certificateFile, keyFile);
  }

  /**
   * Reads the files again.
   *
   * @throws SSLException when they are not usable, for example because one of the two is newer; the
   *     certificate before stays
   */
  public void reload() throws SSLException {
    context = read();
  }

  SslContext context() {
    return context;
  }

  private SslContext read() throws SSLException {
    String[] versions =
        config.minVersion() == TlsConfig.MinVersion.TLSV1_3
            ? new String[] {"TLSv1.3"}
            : new String[] {"TLSv1.2", "TLSv1.3"};
    TlsIdentity identity = TlsIdentity.read(certificateFile, keyFile);
    try {
      return TlsContexts.common(
              SslContextBuilder.forServer(identity.key(), identity.chain()),
              identity.provider(),
              List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1))
          .protocols(versions)
          .build();
    } catch (IllegalArgumentException e) {
      throw new SSLException(certificateFile + ", " + keyFile + ": " + e.getMessage(), e);
    }
  }
}
