package io.scopegate.gateway.tls;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** A TLS handshake in memory, and who showed what in it. */
public final class Handshake {
  private static final int MAX_TURNS = 100;

  private final SslHandler client;
  private final SslHandler server;

  private Handshake(SslHandler client, SslHandler server) {
    this.client = client;
    this.server = server;
  }

  /**
   * Shakes hands.
   *
   * @throws SSLException when either end refuses
   */
  public static Handshake between(SslContext client, SslContext server) throws SSLException {
    EmbeddedChannel a = new EmbeddedChannel();
    EmbeddedChannel b = new EmbeddedChannel();
    SslHandler one = client.newHandler(a.alloc(), "localhost", 443);
    SslHandler other = server.newHandler(b.alloc());
    try {
      b.pipeline().addLast(other);
      a.pipeline().addLast(one);
      for (int i = 0; i < MAX_TURNS; i++) {
        pass(a, b);
        pass(b, a);
      }
      a.checkException();
      b.checkException();
      if (!one.handshakeFuture().isSuccess() || !other.handshakeFuture().isSuccess()) {
        throw new SSLException("handshake: not complete", one.handshakeFuture().cause());
      }
      return new Handshake(one, other);
    } catch (DecoderException e) {
      throw new SSLException("handshake: refused", e);
    } finally {
      a.finishAndReleaseAll();
      b.finishAndReleaseAll();
    }
  }

  private static void pass(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    for (Object m; (m = from.readOutbound()) != null; ) {
      to.writeInbound(m);
    }
  }

  /** The certificate that the server showed. */
  public Certificate serverCertificate() throws SSLPeerUnverifiedException {
    return client.engine().getSession().getPeerCertificates()[0];
  }

  /** The certificate that the client showed. */
  public Certificate clientCertificate() throws SSLPeerUnverifiedException {
    return server.engine().getSession().getPeerCertificates()[0];
  }
}
