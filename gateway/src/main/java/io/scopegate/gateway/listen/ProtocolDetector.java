package io.scopegate.gateway.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandler;
import io.scopegate.authz.ClientAuthorities;
import io.scopegate.gateway.access.Peer;
import io.scopegate.gateway.telemetry.ListenerMeters;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells by a connection's first bytes what it speaks: TLS or clear text, then HTTP/2 or HTTP/1.1 by
 * ALPN or by the <a href="https://datatracker.ietf.org/doc/html/rfc9113#section-3.4">preface</a>.
 */
final class ProtocolDetector extends ByteToMessageDecoder {
  private static final int TLS_HANDSHAKE = 0x16;
  private static final int PRI_SPACE = 0x50524920; // no HTTP/1.1 method begins like this

  private final Port port;
  private final Port.Terms terms;
  private @Nullable ScheduledFuture<?> timer;

  ProtocolDetector(Port port, Port.Terms terms) {
    this.port = port;
    this.terms = terms;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    long millis = terms.handshakeTimeoutMillis();
    if (millis > 0) {
      timer = c.executor().schedule(() -> tooSlow(c), millis, TimeUnit.MILLISECONDS);
    }
  }

  private void tooSlow(ChannelHandlerContext c) {
    port.meters().connectionFailed(ListenerMeters.Failure.TIMEOUT);
    c.close();
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext c) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext c, ByteBuf in, List<Object> out) {
    ChannelPipeline p = c.pipeline();
    int at = in.readerIndex();
    boolean isTls = in.getUnsignedByte(at) == TLS_HANDSHAKE;
    ServerTls tls = terms.tls();
    if (isTls && tls != null) {
      ServerTls.Read read = tls.current();
      SslHandler handler = read.context().newHandler(c.alloc());
      handler.setHandshakeTimeoutMillis(terms.handshakeTimeoutMillis());
      p.addLast(handler, new Negotiated(port, terms, handler, read.authorities()));
    } else if (isTls || terms.tlsRequired()) {
      refuse(c, in); // TLS where there is none, or clear text where there must be TLS
      return;
    } else {
      if (in.getByte(at) == 'P' && in.readableBytes() < Integer.BYTES) {
        return; // POST, PUT, PATCH or PRI
      }
      boolean http2 = in.readableBytes() >= Integer.BYTES && in.getInt(at) == PRI_SPACE;
      if (http2 && !terms.http2()) {
        refuse(c, in);
        return;
      }
      port.speak(p, terms, http2, false, Peer.NONE);
    }
    p.remove(this); // hands what it holds to the next one
  }

  private void refuse(ChannelHandlerContext c, ByteBuf in) {
    port.meters().connectionFailed(ListenerMeters.Failure.PROTOCOL);
    c.close();
    in.skipBytes(in.readableBytes());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
    c.close(); // reset before it said anything
  }

  /** After the handshake. */
  private static final class Negotiated extends ApplicationProtocolNegotiationHandler {
    private final Port port;
    private final Port.Terms terms;
    private final SslHandler tls;
    private final @Nullable ClientAuthorities authorities;

    Negotiated(
        Port port, Port.Terms terms, SslHandler tls, @Nullable ClientAuthorities authorities) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.port = port;
      this.terms = terms;
      this.tls = tls;
      this.authorities = authorities;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext c, String protocol) {
      Peer peer =
          PeerCertificate.of(tls.engine().getSession(), authorities, port::clientAuthorities);
      boolean http2 = protocol.equals(ApplicationProtocolNames.HTTP_2);
      port.speak(c.pipeline(), terms, http2, true, peer);
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext c, Throwable t) {
      port.meters().connectionFailed(ListenerMeters.Failure.HANDSHAKE);
      c.close(); // a client that does not trust us, or a scanner
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
      c.close(); // reset in the middle of the handshake
    }
  }
}
