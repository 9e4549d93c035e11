package io.scopegate.gateway.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
import io.scopegate.authz.decision.ClientAuthorities;
import io.scopegate.gateway.access.ConnectionIdentity;
import io.scopegate.gateway.exchange.ConnectionStanding;
import io.scopegate.gateway.telemetry.ListenerMeters;
import io.scopegate.gateway.tls.ServerTls;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Tells by a connection's first bytes what it speaks: TLS or clear text, then HTTP/2 or HTTP/1.1 by
 * ALPN or, in clear text and without ALPN, by the <a
 * href="https://datatracker.ietf.org/doc/html/rfc9113#section-3.4">preface</a>.
 */
final class ProtocolDetector extends ByteToMessageDecoder {
  private static final int TLS_HANDSHAKE = 0x16;
  private static final String USE_TLS_TEXT = "this port speaks TLS only: use https://\n";
  private static final byte[] USE_TLS =
      ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
              + USE_TLS_TEXT.length()
              + "\r\nConnection: close\r\n\r\n"
              + USE_TLS_TEXT)
          .getBytes(StandardCharsets.US_ASCII);
  private static final int PRI_SPACE = 0x50524920; // no HTTP/1.1 method begins like this

  private final ServerPort port;
  private final ServerPort.Terms terms;
  private final ConnectionStanding standing;
  private @Nullable ScheduledFuture<?> timer;

  ProtocolDetector(ServerPort port, ServerPort.Terms terms, ConnectionStanding standing) {
    this.port = port;
    this.terms = terms;
    this.standing = standing;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    long millis = terms.handshakeTimeoutMillis();
    if (millis > 0) {
      timer = c.executor().schedule(() -> tooSlow(c), millis, TimeUnit.MILLISECONDS);
    }
  }

  private void tooSlow(ChannelHandlerContext c) {
    port.failed(
        c.channel(),
        ListenerMeters.Failure.TIMEOUT,
        "nothing was sent within clients.handshakeTimeout");
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
    if (terms.config().proxyProtocol().isOn() && isOfNoBalancer(in)) {
      if (in.readableBytes() >= Integer.BYTES) {
        port.warnOfProxyHeader(c.channel(), "sends a PROXY header and is not in the list");
        refuse(
            c,
            in,
            ListenerMeters.Failure.PROTOCOL,
            "it begins with a PROXY header, and its address is not one that may send one");
      }
      return;
    }
    if (isTls && tls != null) {
      beginTls(c, tls);
    } else if (isTls) {
      refuse(
          c,
          in,
          ListenerMeters.Failure.PROTOCOL,
          "it begins with TLS, and tls.mode is disabled on this listener");
      return;
    } else if (terms.tlsRequired()) {
      refuseClearText(c, in);
      return;
    } else {
      PrefaceDetector.Spoken spoken = PrefaceDetector.spoken(in);
      if (spoken == PrefaceDetector.Spoken.UNDECIDED) {
        return;
      }
      boolean http2 = spoken == PrefaceDetector.Spoken.HTTP2;
      if (http2 && !terms.http2()) {
        refuse(
            c,
            in,
            ListenerMeters.Failure.PROTOCOL,
            "it begins with HTTP/2, and clients.http2 is false on this listener");
        return;
      }
      port.meters().established(ListenerMeters.CLEAR_TEXT);
      port.speak(p, terms, http2, false, new ServerPort.Client(ConnectionIdentity.NONE, standing));
    }
    p.remove(this); // hands what it holds to the next one
  }

  /**
   * Whether these bytes begin, or may begin, a PROXY header, where such headers are taken: from
   * anybody who is not in the list, and a second one.
   */
  private static boolean isOfNoBalancer(ByteBuf in) {
    byte first = in.getByte(in.readerIndex());
    return (first == 'P' || first == '\r')
        && (in.readableBytes() < Integer.BYTES || ProxyHeader.begins(in));
  }

  /** TLS where there is none, or clear text where there must be TLS: no token is read. */
  private void refuse(
      ChannelHandlerContext c, ByteBuf in, ListenerMeters.Failure failure, String why) {
    port.failed(c.channel(), failure, why);
    c.close();
    in.skipBytes(in.readableBytes());
  }

  /** A browser or curl that was given http:// instead of https:// shows this to a person. */
  private void refuseClearText(ChannelHandlerContext c, ByteBuf in) {
    port.failed(
        c.channel(),
        ListenerMeters.Failure.CLEAR_TEXT,
        "it does not begin with TLS, and tls.mode is required on this listener");
    int at = in.readerIndex();
    boolean http1 = isCapital(in.getByte(at)) && !isPreface(in, at);
    in.skipBytes(in.readableBytes());
    if (http1) {
      c.writeAndFlush(c.alloc().buffer(USE_TLS.length).writeBytes(USE_TLS))
          .addListener(ChannelFutureListener.CLOSE);
    } else {
      c.close();
    }
  }

  private static boolean isCapital(byte b) {
    return b >= 'A' && b <= 'Z';
  }

  private static boolean isPreface(ByteBuf in, int at) {
    return in.readableBytes() >= Integer.BYTES && in.getInt(at) == PRI_SPACE;
  }

  private void beginTls(ChannelHandlerContext c, ServerTls tls) {
    Negotiated negotiated = new Negotiated(port, terms, standing);
    long millis = terms.handshakeTimeoutMillis();
    ServerTls.Read read = tls.acquire();
    try {
      if (read.several()) {
        c.pipeline().addLast(new NameDetector(tls, negotiated, millis), negotiated);
      } else {
        negotiated.checkedBy(read.authorities());
        SslHandler handler = read.context().newHandler(c.alloc());
        handler.setHandshakeTimeoutMillis(millis);
        c.pipeline().addLast(handler, negotiated);
      }
    } finally {
      read.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
    c.close(); // reset before it said anything
  }

  /** Reads the name that a client asks for, and goes on with the certificate of that name. */
  private static final class NameDetector extends AbstractSniHandler<SslHandler> {
    private static final int MAX_CLIENT_HELLO_BYTES = 16 << 10;

    private final ServerTls tls;
    private final Negotiated negotiated;

    NameDetector(ServerTls tls, Negotiated negotiated, long timeoutMillis) {
      super(MAX_CLIENT_HELLO_BYTES, timeoutMillis);
      this.tls = tls;
      this.negotiated = negotiated;
    }

    @Override
    protected Future<SslHandler> lookup(ChannelHandlerContext c, @Nullable String name) {
      ServerTls.Read read = tls.acquire();
      try {
        negotiated.checkedBy(read.authorities());
        SslHandler handler = read.context(name).newHandler(c.alloc());
        handler.setHandshakeTimeoutMillis(handshakeTimeoutMillis);
        return c.executor().newSucceededFuture(handler);
      } finally {
        read.release();
      }
    }

    @Override
    protected void onLookupComplete(
        ChannelHandlerContext c, @Nullable String name, Future<SslHandler> found) {
      c.pipeline().replace(this, null, found.getNow()); // hands what it holds to the next one
    }
  }

  /** After the handshake. */
  private static final class Negotiated extends ApplicationProtocolNegotiationHandler {
    /** Nothing was agreed on. */
    private static final String NOTHING = "";

    private final ServerPort port;
    private final ServerPort.Terms terms;
    private final ConnectionStanding standing;
    private @Nullable ClientAuthorities authorities;
    private boolean failed;

    Negotiated(ServerPort port, ServerPort.Terms terms, ConnectionStanding standing) {
      super(NOTHING);
      this.standing = standing;
      this.port = port;
      this.terms = terms;
    }

    /** What the handshake that is about to begin checks a client's certificate with. */
    void checkedBy(@Nullable ClientAuthorities checking) {
      authorities = checking;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext c, String protocol) {
      SSLSession session = c.pipeline().get(SslHandler.class).engine().getSession();
      port.meters().established(session.getProtocol());
      ConnectionIdentity peer = PeerCertificate.of(session, authorities, port::clientAuthorities);
      ServerPort.Client client = new ServerPort.Client(peer, standing);
      if (protocol.equals(NOTHING)) {
        c.pipeline().addLast(new PrefaceDetector(port, terms, client));
      } else {
        boolean http2 = protocol.equals(ApplicationProtocolNames.HTTP_2);
        port.speak(c.pipeline(), terms, http2, true, client);
      }
    }

    /** Of a failed handshake, or one that took too long; the caller closes the channel. */
    @Override
    public void userEventTriggered(ChannelHandlerContext c, Object event) throws Exception {
      if (event instanceof SslCompletionEvent ended && !ended.isSuccess()) {
        if (failed) {
          return; // a connection whose handshake has failed ends badly, too
        }
        failed = true;
        port.failed(
            c.channel(),
            ended.cause() instanceof SslHandshakeTimeoutException
                ? ListenerMeters.Failure.TIMEOUT
                : ListenerMeters.Failure.HANDSHAKE,
            HandshakeFailure.words(ended.cause()));
      } else {
        super.userEventTriggered(c, event);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
      c.close(); // a client that does not trust us, a scanner, or a reset
    }
  }
}
