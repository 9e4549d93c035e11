package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.scopegate.gateway.exchange.Connection;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.StreamEnd;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 connection of either side: frames to the {@link Http2StreamEnd}s they belong to,
 * keep-alive and drain. What a new stream and a broken one mean is the subclass's matter.
 */
abstract class AbstractHttp2Connection extends Http2ConnectionHandler implements Connection {
  static final int SMALL_WRITE = 64;
  private static final long DRAIN_PING = 0x64726169L;
  private static final long KEEP_ALIVE_PING = 0x616c6976L;

  final LoopContext worker;
  final LoopContext.Flush flush = new LoopContext.Flush(this);
  private final Http2Connection.PropertyKey key;
  private @Nullable ChannelHandlerContext context;
  private boolean windowOpened;
  private boolean draining;
  private boolean lastNamed;
  private boolean closing;
  private long drainSinceNanos;
  private long lastReadNanos;
  private long pingSentNanos;

  /** Bytes of bodies of the gateway's own that the peer has not taken. */
  private int ownBytes;

  AbstractHttp2Connection(LoopContext worker, Http2Parts parts) {
    super(parts.decoder(), parts.encoder(), parts.settings());
    this.worker = worker;
    key = connection().newKey();
    decoder().frameListener(new Frames());
    connection().addListener(new Streams());
  }

  /** HEADERS on a stream that has no end yet; null to ignore it. */
  abstract @Nullable Http2StreamEnd accept(Http2Stream stream);

  /** The first HEADERS of a stream. */
  abstract void received(Http2StreamEnd side, Http2Headers head, boolean end);

  /** The stream closed while its exchange still went on. */
  abstract void broken(Http2StreamEnd side, StreamEnd peer);

  /** The peer reset the stream. */
  void resetByPeer(Http2StreamEnd side, StreamEnd peer, long code) {
    peer.reset(code);
  }

  /** The head of a request was written on a stream of ours. */
  void opened() {}

  /** These trailers end an answer. */
  void answerEnds(Http2Headers trailers) {}

  /** A stream is reset whose peer has not said everything. */
  void resetFromHere(Http2StreamEnd side) {}

  /** The peer's SETTINGS arrived. */
  void settingsReceived() {}

  /** A stream is gone, so another one may be opened. */
  void streamRemoved() {}

  /** The peer goes away: no new streams. */
  void goAwayReceived() {}

  /** The connection's context; only after it was added to a pipeline. */
  final ChannelHandlerContext ctx() {
    if (context == null) {
      throw new IllegalStateException("context: null (expected: handlerAdded was called)");
    }
    return context;
  }

  final boolean active() {
    return context != null && context.channel().isActive();
  }

  final boolean draining() {
    return draining;
  }

  final @Nullable Http2StreamEnd side(@Nullable Http2Stream stream) {
    return stream == null ? null : stream.getProperty(key);
  }

  final void bind(Http2Stream stream, Http2StreamEnd side) {
    stream.setProperty(key, side);
  }

  // ---- what waits for the peer

  /** Whether a body of the gateway's own would wait for the peer to open a window. */
  final boolean hasNoWindowFor(Http2Stream stream, int bytes) {
    Http2RemoteFlowController windows = connection().remote().flowController();
    return windows.windowSize(stream) < bytes
        || windows.windowSize(connection().connectionStream()) - ownBytes < bytes;
  }

  /** A body of the gateway's own was written; a negative number when its stream has ended. */
  final void ownBytes(int n) {
    ownBytes += n;
  }

  // ---- the wire to the peer

  /** Frames that were read. */
  final class Frames extends Http2FrameAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext c,
        int id,
        Http2Headers h,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end) {
      onHeadersRead(c, id, h, padding, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext c, int id, Http2Headers h, int padding, boolean end) {
      Http2Stream stream = connection().stream(id);
      Http2StreamEnd side = side(stream);
      if (side == null) {
        side = accept(stream);
        if (side == null) {
          return;
        }
        bind(stream, side);
      }
      side.onHeaders(h, end);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext c, int id, ByteBuf bytes, int padding, boolean end) {
      Http2StreamEnd side = side(connection().stream(id));
      int all = bytes.readableBytes() + padding;
      if (side == null) {
        return all;
      }
      return side.onData(bytes, end) ? padding : all;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext c, int id, long code) {
      Http2StreamEnd side = side(connection().stream(id));
      if (side != null) {
        side.onReset(code);
      }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext c, Http2Settings s) {
      settingsReceived();
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext c, long data) {
      if (data == DRAIN_PING) {
        nameLastStream();
      }
    }
  }

  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      Http2StreamEnd side = side(stream);
      if (side != null) {
        side.closed();
      }
    }

    @Override
    public void onStreamRemoved(Http2Stream stream) {
      streamRemoved();
      closeWhenDrained();
    }

    @Override
    public void onGoAwayReceived(int lastStreamId, long code, ByteBuf debug) {
      goAwayReceived();
    }
  }

  // ---- the connection

  @Override
  public void handlerAdded(ChannelHandlerContext c) throws Exception {
    context = c;
    lastReadNanos = worker.nowNanos();
    super.handlerAdded(c);
    worker.add(this, connection().isServer());
    if (c.channel().isActive()) {
      openWindow();
    }
  }

  /** Also the end of a connection that never became active. */
  @Override
  protected void handlerRemoved0(ChannelHandlerContext c) throws Exception {
    worker.remove(this);
    super.handlerRemoved0(c);
  }

  @Override
  public void channelActive(ChannelHandlerContext c) throws Exception {
    super.channelActive(c);
    openWindow();
  }

  @Override
  public void channelInactive(ChannelHandlerContext c) throws Exception {
    draining = true;
    worker.remove(this);
    super.channelInactive(c);
  }

  @Override
  public void channelRead(ChannelHandlerContext c, Object msg) throws Exception {
    lastReadNanos = worker.nowNanos();
    pingSentNanos = 0;
    super.channelRead(c, msg);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext c, Throwable cause) throws Exception {
    if (asHttp2(cause) != null) {
      onError(c, false, cause);
    } else {
      c.close(); // a connection reset, a broken TLS record: nobody is left to tell
    }
  }

  private static @Nullable Http2Exception asHttp2(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof Http2Exception e) {
        return e;
      }
    }
    return null;
  }

  private void openWindow() throws Http2Exception {
    if (!windowOpened) {
      windowOpened = true;
      connection()
          .local()
          .flowController()
          .incrementWindowSize(
              connection().connectionStream(), CodecSettings.CONNECTION_WINDOW - 65_535);
      worker.touch(flush, SMALL_WRITE);
    }
  }

  @Override
  public void flushNow() {
    flush(ctx());
  }

  /**
   * Announces the end, names the last stream a round trip later (<a
   * href="https://datatracker.ietf.org/doc/html/rfc9113#section-6.8">RFC 9113 6.8</a>), and closes
   * when the streams that run are done.
   */
  @Override
  public void drain() {
    if (draining || !active()) {
      return;
    }
    draining = true;
    drainSinceNanos = worker.nowNanos();
    if (connection().isServer()) {
      goAway(ctx(), Integer.MAX_VALUE, 0, Unpooled.EMPTY_BUFFER, ctx().newPromise());
      encoder().writePing(ctx(), false, DRAIN_PING, ctx().newPromise());
      pingSentNanos = worker.nowNanos(); // without an answer the sweep closes it
      ctx().flush();
    } else {
      closeWhenDrained();
    }
  }

  /** Its client does not read what it is answered. */
  final void closeUnread() {
    if (!closing && active()) {
      closing = true;
      int last = connection().remote().lastStreamCreated();
      long calm = Http2Error.ENHANCE_YOUR_CALM.code();
      goAway(ctx(), last, calm, Unpooled.EMPTY_BUFFER, ctx().newPromise());
      ctx().flush();
      worker.eventLoop.execute(() -> ctx().close());
    }
  }

  private void nameLastStream() {
    if (draining && !lastNamed && active()) {
      goAway(
          ctx(),
          connection().remote().lastStreamCreated(),
          0,
          Unpooled.EMPTY_BUFFER,
          ctx().newPromise());
      ctx().flush();
      lastNamed = true;
      closeWhenDrained();
    }
  }

  private void closeWhenDrained() {
    if (draining
        && connection().numActiveStreams() == 0
        && (lastNamed || !connection().isServer())
        && active()) {
      worker.eventLoop.execute(() -> ctx().close());
    }
  }

  @Override
  public void sweep(long nowNanos) {
    if (!active()) {
      return;
    }
    if (draining && nowNanos - drainSinceNanos > CodecSettings.DRAIN_ACK_NANOS) {
      nameLastStream(); // it need not answer our PING to be let go
    }
    if (pingSentNanos != 0) {
      if (nowNanos - pingSentNanos > CodecSettings.KEEP_ALIVE_TIMEOUT_NANOS) {
        ctx().close();
      }
    } else if (connection().numActiveStreams() > 0 && nowNanos - lastReadNanos > keepAliveNanos()) {
      pingSentNanos = nowNanos;
      encoder().writePing(ctx(), false, KEEP_ALIVE_PING, ctx().newPromise());
      ctx().flush();
    }
  }

  /** Silence after which a connection with streams is asked whether it lives. */
  abstract long keepAliveNanos();

  /** How long nothing was read, in nanoseconds. */
  final long silence(long nowNanos) {
    return nowNanos - lastReadNanos;
  }
}
