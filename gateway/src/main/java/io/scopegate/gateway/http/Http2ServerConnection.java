package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.UnreadAnswers;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** HTTP/2 from a client. */
public final class Http2ServerConnection extends AbstractHttp2Connection {
  private final ClientExchanges exchanges;
  private final CodecSettings limits;
  private final ConnectionDecisionCache memo;
  private final long drainAtNanos;
  private final long sinceNanos;
  private final EarlyRefusals early;
  private final @Nullable HeadProgressReader heads;
  private final UnreadAnswers unread;
  private @Nullable PacedReading pacing;
  private int errors;
  private long errorsSinceNanos;

  /** The frames that had come when an open head was first seen. */
  private int headAtFrames;

  /** When a head was first seen to be open; 0 when none is. */
  private long headSinceNanos;

  private boolean calmed;

  private Http2ServerConnection(LoopContext worker, Http2Parts parts, ClientExchanges exchanges) {
    super(worker, parts);
    this.exchanges = exchanges;
    this.memo =
        new ConnectionDecisionCache(exchanges.info().peer(), exchanges.info().forwardedFor());
    this.limits = exchanges.limits();
    this.early = new EarlyRefusals(this, exchanges.handler(), exchanges.about(), memo);
    this.heads = parts.heads();
    if (parts.early() != null) {
      parts.early().askFirst(early);
    }
    sinceNanos = worker.nowNanos();
    unread = exchanges.about().unread();
    unread.begin(sinceNanos);
    drainAtNanos = sinceNanos + jittered(limits.maxAgeNanos());
  }

  /** A handler for a client's connection whose first bytes are the HTTP/2 preface. */
  public static Http2ServerConnection create(
      LoopContext worker, RequestHandler handler, ConnectionContext about, CodecSettings limits) {
    ClientExchanges exchanges = new ClientExchanges(handler, about, limits);
    return Http2Parts.build(
        about.client().standing(),
        limits,
        parts -> new Http2ServerConnection(worker, parts, exchanges));
  }

  /** A tenth more or less, so that connections made together do not end together. */
  static long jittered(long nanos) {
    return nanos - nanos / 10 + ThreadLocalRandom.current().nextLong(nanos / 5 + 1);
  }

  /** Takes over from an HTTP/1.1 request with {@code Upgrade: h2c}, which becomes stream 1. */
  void upgraded(ChannelHandlerContext ctx, Http2Settings settings, Http2Headers head)
      throws Http2Exception {
    onHttpServerUpgrade(settings);
    new Frames().onHeadersRead(ctx, 1, head, 0, true);
  }

  @Override
  Http2StreamEnd accept(Http2Stream stream) {
    return new Http2StreamEnd(this, stream);
  }

  @Override
  void received(Http2StreamEnd side, Http2Headers head, boolean end) {
    Exchange x = exchanges.open(side);
    if (!end) {
      side.noteExpectation(head);
    }
    exchanges.handler().request(x, head, end, memo);
    if (!end) {
      early.saw(x);
      if (early.narrow() && x.record.refusal == null) {
        side.widenBy(CodecSettings.CLIENT_STREAM_WINDOW - CodecSettings.NARROW_STREAM_WINDOW);
      }
    }
  }

  @Override
  void streamRemoved() {
    unread.streamEnded();
  }

  @Override
  void broken(Http2StreamEnd side, StreamEnd upstream) {
    upstream.reset(StreamEnd.CANCEL);
  }

  /**
   * A head that is refused while it is read has no stream yet: without one, the body that follows
   * it would be an error of the whole connection.
   */
  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException error) {
    if (!outbound && tooManyErrors()) {
      calm(ctx, "more than %d stream errors", CodecSettings.MAX_RESETS);
      return;
    }
    int id = error.streamId();
    if (!outbound
        && connection().stream(id) == null
        && id > connection().remote().lastStreamCreated()
        && !(error instanceof Http2Exception.HeaderListSizeException)) {
      try {
        connection().remote().createStream(id, false);
      } catch (Http2Exception tooMany) {
        error.addSuppressed(tooMany); // then there is none
      }
    }
    super.onStreamError(ctx, outbound, cause, error);
  }

  private void calm(ChannelHandlerContext ctx, String why, int limit) {
    Http2Exception calm = Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, why, limit);
    onConnectionError(ctx, false, calm, calm);
  }

  /** A client that makes us reset its streams costs as much as one that resets them itself. */
  private boolean tooManyErrors() {
    long now = System.nanoTime();
    if (errors == 0
        || now - errorsSinceNanos > CodecSettings.RESET_WINDOW_SECONDS * 1_000_000_000L) {
      errors = 0;
      errorsSinceNanos = now;
    }
    return ++errors > CodecSettings.MAX_RESETS;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext c) throws Exception {
    early.writeOut();
    if (c.channel().config().isAutoRead()) {
      super.channelReadComplete(c);
    } else {
      flush(c); // where Netty's own would read on
    }
  }

  /** No more is read from who does not read the answers. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext c) throws Exception {
    super.channelWritabilityChanged(c);
    PacedReading.want(c.channel(), pacing, c.channel().isWritable());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext c) throws Exception {
    pacing = c.pipeline().get(PacedReading.class);
    if (pacing != null) {
      pacing.cutBy(this::wholeFrames);
    }
    super.handlerAdded(c);
  }

  /** Before the peer's SETTINGS there is the preface, which is no frame. */
  private int wholeFrames(ByteBuf bytes, int most) {
    return heads == null || !decoder().prefaceReceived() ? most : heads.wholeFrames(bytes, most);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext c) throws Exception {
    early.close();
    super.handlerRemoved0(c);
  }

  @Override
  long keepAliveNanos() {
    return CodecSettings.CLIENT_KEEP_ALIVE_NANOS;
  }

  @Override
  public void sweep(long nowNanos) {
    super.sweep(nowNanos);
    if (!active()) {
      return;
    }
    if (isHeadLate(nowNanos)) {
      ctx().close();
      return;
    }
    sweepUnread(nowNanos);
    early.sweep(nowNanos);
    if (isOld(nowNanos)) {
      drain();
    }
  }

  /** Whether a client takes too long over its preface, or over a head that it has begun. */
  private boolean isHeadLate(long nowNanos) {
    if (heads == null || !heads.isHeadOpen()) {
      headSinceNanos = 0;
    } else if (headSinceNanos == 0 || headAtFrames != heads.frames()) {
      headSinceNanos = nowNanos;
      headAtFrames = heads.frames();
    }
    return !decoder().prefaceReceived() && over(nowNanos - sinceNanos, limits.headerTimeoutNanos())
        || headSinceNanos != 0 && over(nowNanos - headSinceNanos, limits.headerTimeoutNanos());
  }

  /** Many answers that are complete, and for seconds not one of them is taken. */
  private void sweepUnread(long nowNanos) {
    if (calmed) {
      ctx().close(); // it did not read that either
    } else if (unread.isNoneTaken(nowNanos)) {
      calmed = true;
      calm(ctx(), "more than %d answers are not read", UnreadAnswers.MOST);
      ctx().flush();
    }
  }

  /** Whether it should go: by its age, idle, or without a first request. */
  private boolean isOld(long nowNanos) {
    boolean tooOld = limits.maxAgeNanos() > 0 && nowNanos - drainAtNanos >= 0;
    boolean unused =
        connection().remote().lastStreamCreated() == 0
            && over(nowNanos - sinceNanos, limits.headerTimeoutNanos());
    boolean idle =
        connection().numActiveStreams() == 0 && over(silence(nowNanos), limits.idleTimeoutNanos());
    return tooOld || unused || idle;
  }

  private static boolean over(long nanos, long limitNanos) {
    return limitNanos > 0 && nanos > limitNanos;
  }
}
