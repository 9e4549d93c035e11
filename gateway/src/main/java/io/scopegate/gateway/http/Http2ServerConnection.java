package io.scopegate.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.exchange.StreamEnd;
import java.util.concurrent.ThreadLocalRandom;

/** HTTP/2 from a client. */
public final class Http2ServerConnection extends AbstractHttp2Connection {
  static final String PROTOCOL = "HTTP/2";

  private final RequestHandler handler;
  private final ClientInfo info;
  private final CodecSettings limits;
  private final ConnectionDecisionCache memo;
  private final long drainAtNanos;
  private final long sinceNanos;
  private final EarlyRefusals early;
  private int errors;
  private long errorsSinceNanos;

  private Http2ServerConnection(
      LoopContext worker,
      Http2Parts parts,
      RequestHandler handler,
      ClientInfo info,
      CodecSettings limits) {
    super(worker, parts);
    this.handler = handler;
    this.info = info;
    this.memo = new ConnectionDecisionCache(info.peer());
    this.limits = limits;
    this.early = new EarlyRefusals(this, handler, info, memo);
    if (parts.states() != null) {
      parts.states().askFirst(early);
    }
    sinceNanos = worker.nowNanos();
    drainAtNanos = sinceNanos + jittered(limits.maxAgeNanos());
  }

  /** A handler for a client's connection whose first bytes are the HTTP/2 preface. */
  public static Http2ServerConnection create(
      LoopContext worker, RequestHandler handler, ClientInfo info, CodecSettings limits) {
    return Http2Parts.build(
        info.standing(),
        limits,
        parts -> new Http2ServerConnection(worker, parts, handler, info, limits));
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
  H2Side accept(Http2Stream stream) {
    return new H2Side(stream);
  }

  @Override
  void received(H2Side side, Http2Headers head, boolean end) {
    Exchange x = new Exchange(side, handler, limits.bodyTimeoutNanos());
    x.record.protocol = PROTOCOL;
    x.http2 = true;
    fill(x, info);
    if (!end) {
      side.noteExpectation(head);
    }
    handler.request(x, head, end, memo);
    if (!end) {
      early.saw(x);
      if (early.narrow() && x.record.refusal == null) {
        side.widenBy(CodecSettings.CLIENT_STREAM_WINDOW - CodecSettings.NARROW_STREAM_WINDOW);
      }
    }
  }

  static void fill(Exchange x, ClientInfo info) {
    info.fill(x.record);
    x.info = info;
    info.standing().begin();
  }

  @Override
  void broken(H2Side side, StreamEnd upstream) {
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
      Http2Exception calm =
          Http2Exception.connectionError(
              Http2Error.ENHANCE_YOUR_CALM, "more than %d stream errors", CodecSettings.MAX_RESETS);
      onConnectionError(ctx, false, calm, calm);
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
    super.channelReadComplete(c);
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
    if (limits.headerTimeoutNanos() > 0
        && !decoder().prefaceReceived()
        && nowNanos - sinceNanos > limits.headerTimeoutNanos()
        && active()) {
      ctx().close();
      return;
    }
    if (active()) {
      early.sweep(nowNanos);
    }
    boolean tooOld = limits.maxAgeNanos() > 0 && nowNanos - drainAtNanos >= 0;
    boolean idle =
        limits.idleTimeoutNanos() > 0
            && connection().numActiveStreams() == 0
            && silence(nowNanos) > limits.idleTimeoutNanos();
    if (tooOld || idle) {
      drain();
    }
  }
}
