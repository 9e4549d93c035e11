package io.scopegate.gateway.forward;

import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.scopegate.gateway.listen.TlsContexts;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;

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
    return new Contexts(
        context(ApplicationProtocolNames.HTTP_1_1), context(ApplicationProtocolNames.HTTP_2));
  }

  private SslContext context(String protocol) throws SSLException {
    SslContextBuilder b = TlsContexts.common(SslContextBuilder.forClient(), List.of(protocol));
    if (config.insecureSkipVerify()) {
      b.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
    } else if (config.caFile() != null) {
      b.trustManager(config.caFile().toFile());
    }
    File certificate = config.certificateFile() == null ? null : config.certificateFile().toFile();
    File key = config.keyFile() == null ? null : config.keyFile().toFile();
    if (certificate != null && key != null) {
      b.keyManager(certificate, key);
    }
    return b.build();
  }
}
