package io.scopegate.gateway.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.scopegate.gateway.telemetry.ListenerMeters;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 or HTTP/1.1 inside TLS when the handshake has not settled it, because a client or a load
 * balancer does not use ALPN: the <a
 * href="https://datatracker.ietf.org/doc/html/rfc9113#section-3.4">preface</a> decides, as in clear
 * text.
 */
final class PrefaceDetector extends ByteToMessageDecoder {
  private static final int PRI_SPACE = 0x50524920; // no HTTP/1.1 method begins like this

  private final ServerPort port;
  private final ServerPort.Terms terms;
  private final ServerPort.Client client;
  private @Nullable ScheduledFuture<?> timer;

  PrefaceDetector(ServerPort port, ServerPort.Terms terms, ServerPort.Client client) {
    this.port = port;
    this.terms = terms;
    this.client = client;
  }

  /** What the first bytes of a connection, or of what is inside TLS, say. */
  enum Spoken {
    /** Too few bytes to tell. */
    UNDECIDED,
    HTTP1,
    HTTP2
  }

  /** What these bytes, one at least, begin. */
  static Spoken spoken(ByteBuf in) {
    int at = in.readerIndex();
    if (in.readableBytes() >= Integer.BYTES) {
      return in.getInt(at) == PRI_SPACE ? Spoken.HTTP2 : Spoken.HTTP1;
    }
    return in.getByte(at) == 'P' ? Spoken.UNDECIDED : Spoken.HTTP1; // POST, PUT, PATCH or PRI
  }

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    long millis = terms.headerTimeoutMillis();
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
    Spoken spoken = spoken(in);
    if (spoken == Spoken.UNDECIDED) {
      return;
    }
    if (spoken == Spoken.HTTP2 && !terms.http2()) {
      port.meters().connectionFailed(ListenerMeters.Failure.PROTOCOL);
      c.close();
      in.skipBytes(in.readableBytes());
      return;
    }
    ChannelPipeline p = c.pipeline();
    port.speak(p, terms, spoken == Spoken.HTTP2, true, client);
    p.remove(this); // hands what it holds to the next one
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
    c.close(); // reset, or a record that TLS refuses
  }
}
