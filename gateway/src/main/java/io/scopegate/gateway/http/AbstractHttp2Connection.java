package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.scopegate.gateway.exchange.Connection;
import io.scopegate.gateway.exchange.CreditOnWrite;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.NeutralHeads;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 connection of either side: frames to {@link StreamEnd} calls and back. What a new
 * stream and a broken one mean is the subclass's matter.
 */
abstract class AbstractHttp2Connection extends Http2ConnectionHandler implements Connection {
  private static final int SMALL_WRITE = 64;
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

  AbstractHttp2Connection(LoopContext worker, Http2Parts parts) {
    super(parts.decoder(), parts.encoder(), parts.settings());
    this.worker = worker;
    key = connection().newKey();
    decoder().frameListener(new Frames());
    connection().addListener(new Streams());
  }

  /** HEADERS on a stream that has no end yet; null to ignore it. */
  abstract @Nullable H2Side accept(Http2Stream stream);

  /** The first HEADERS of a stream. */
  abstract void received(H2Side side, Http2Headers head, boolean end);

  /** The stream closed while its exchange still went on. */
  abstract void broken(H2Side side, StreamEnd peer);

  /** The peer reset the stream. */
  void resetByPeer(H2Side side, StreamEnd peer, long code) {
    peer.reset(code);
  }

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

  final @Nullable H2Side side(@Nullable Http2Stream stream) {
    return stream == null ? null : stream.getProperty(key);
  }

  final void bind(Http2Stream stream, H2Side side) {
    stream.setProperty(key, side);
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
      H2Side side = side(stream);
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
      H2Side side = side(connection().stream(id));
      int all = bytes.readableBytes() + padding;
      if (side == null) {
        return all;
      }
      return side.onData(bytes, end) ? padding : all;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext c, int id, long code) {
      H2Side side = side(connection().stream(id));
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
      H2Side side = side(stream);
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

  /** A stream. */
  final class H2Side extends StreamEnd {
    private @Nullable Http2Stream stream;
    private @Nullable ChannelFuture last;
    private int discarded;
    private int received;
    private boolean widened;
    private boolean headRead;
    private boolean wasReset;
    private boolean expectsContinue;

    H2Side(@Nullable Http2Stream stream) {
      super(AbstractHttp2Connection.this.worker);
      this.stream = stream;
    }

    // ---- the wire to the peer

    private void onHeaders(Http2Headers h, boolean end) {
      if (end) {
        inEnd = true;
      }
      if (headRead) {
        passTrailers(h);
      } else if (!connection().isServer() && NeutralHeads.status(h) / 100 == 1) {
        if (peer != null) {
          peer.interim(h);
        }
      } else {
        headRead = true;
        received(this, h, end);
      }
    }

    private void passTrailers(Http2Headers h) {
      StreamEnd to = peer;
      if (to == null) {
        return;
      }
      progress();
      if (exchange != null) {
        exchange.requestTrailers(to, h);
      } else {
        to.trailers(NeutralHeads.cleanTrailers(h));
      }
    }

    /** Whether somebody took the bytes. */
    private boolean onData(ByteBuf bytes, boolean end) {
      if (end) {
        inEnd = true;
      }
      StreamEnd to = peer;
      if (to == null) {
        discard(bytes.readableBytes());
        return false;
      }
      deliver(to, bytes.retain(), end);
      widen(bytes.readableBytes());
      return true;
    }

    /** A large request that was let through may send further ahead. */
    private void widen(int n) {
      if (widened || !connection().isServer() || peer == null || peer instanceof PendingEnd) {
        return;
      }
      received += n;
      if (received > CodecSettings.WIDEN_AFTER && !inEnd) {
        widened = true;
        widenBy(CodecSettings.WIDEN_BY);
      }
    }

    /** So much more may be sent ahead, if the request still goes on. */
    void widenBy(int bytes) {
      if (!live()) {
        return;
      }
      try {
        connection().local().flowController().incrementWindowSize(stream(), bytes);
        worker.touch(flush, SMALL_WRITE);
      } catch (Http2Exception e) {
        onError(ctx(), false, e);
      }
    }

    @Override
    public void abort() {
      StreamEnd p = unlink();
      if (p != null) {
        p.reset(CANCEL);
      }
      rst(CANCEL);
    }

    @Override
    protected void closeConnection() {
      closeUnread();
    }

    private void onReset(long code) {
      wasReset = true;
      StreamEnd p = unlink();
      if (p != null) {
        resetByPeer(this, p, code);
      }
    }

    private void closed() {
      StreamEnd p = unlink();
      if (p != null && !(inEnd && outEnd)) {
        broken(this, p);
      }
      if (exchange != null) {
        exchange.end(!outEnd || wasReset);
      }
    }

    // ---- the peer to the wire

    @Override
    public void head(Http2Headers h, boolean end) {
      headSent = true;
      ByteBuf body = exchange == null ? null : exchange.answered(h, end);
      outEnd = end && body == null;
      if (stream == null) {
        open(h, end);
      } else if (live()) {
        last = encoder().writeHeaders(ctx(), stream.id(), h, 0, outEnd, ctx().newPromise());
        worker.touch(flush, SMALL_WRITE);
      }
      if (body != null) {
        write(body, true, null);
      }
    }

    private void open(Http2Headers h, boolean end) {
      int id = connection().local().incrementAndGetNextStreamId();
      last = encoder().writeHeaders(ctx(), id, h, 0, end, ctx().newPromise());
      worker.touch(flush, SMALL_WRITE);
      stream = connection().stream(id);
      if (stream == null) {
        StreamEnd p = unlink();
        if (p != null) {
          broken(this, p);
        }
      } else {
        bind(stream, this);
      }
    }

    @Override
    public void interim(Http2Headers h) {
      if (!headSent && live()) {
        encoder().writeHeaders(ctx(), id(), h, 0, false, ctx().newPromise());
        worker.touch(flush, SMALL_WRITE);
      }
    }

    /** Takes the client's expectation out of the head: it concerns this hop. */
    void noteExpectation(Http2Headers h) {
      expectsContinue = h.remove(HttpHeaderNames.EXPECT);
    }

    @Override
    public void proceed() {
      if (expectsContinue) {
        expectsContinue = false;
        interim(Heads.continueHead());
      }
    }

    @Override
    public void data(ByteBuf bytes, boolean end) {
      write(bytes, end, peer);
    }

    /** Writes body bytes; who they came from is credited. */
    private void write(ByteBuf bytes, boolean end, @Nullable StreamEnd from) {
      int n = bytes.readableBytes();
      if (end) {
        outEnd = true;
      }
      if (exchange != null) {
        exchange.sent(n);
      }
      last =
          encoder().writeData(ctx(), id(), bytes, 0, end, new CreditOnWrite(ctx(), this, from, n));
      worker.touch(flush, n);
    }

    @Override
    public void trailers(Http2Headers t) {
      ByteBuf body = exchange == null ? null : exchange.answeredWith(t);
      if (body != null) {
        write(body, true, null);
        return;
      }
      outEnd = true;
      if (live()) {
        last = encoder().writeHeaders(ctx(), id(), t, 0, true, ctx().newPromise());
        worker.touch(flush, SMALL_WRITE);
      }
    }

    @Override
    public void reset(long code) {
      unlink();
      if (stream == null) {
        return;
      }
      if (code != NO_ERROR || !outEnd) {
        rst(code);
      } else if (!inEnd) {
        linger();
      }
    }

    /**
     * The answer is complete, the request is not: nearly always its end is on its way, so a little
     * is read and dropped before the client is told that the rest is unwanted. By then the answer,
     * queued DATA included, is out.
     */
    private void linger() {
      if (exchange != null) {
        exchange.linger();
      }
    }

    @Override
    protected void lingered() {
      refuseRest();
    }

    private void refuseRest() {
      ChannelFuture written = last;
      if (!inEnd && written != null) {
        written.addListener(f -> rst(NO_ERROR));
      }
    }

    private void discard(int n) {
      discarded += n;
      if (discarded > CodecSettings.DRAIN_STREAM_BYTES && outEnd) {
        refuseRest();
      }
    }

    private void rst(long code) {
      if (live()) {
        resetStream(ctx(), id(), code, ctx().newPromise());
        worker.touch(flush, SMALL_WRITE);
      }
    }

    @Override
    protected void credit(int n) {
      if (!live()) {
        return; // Netty gave the bytes back when the stream closed
      }
      try {
        if (connection().local().flowController().consumeBytes(stream(), n)) {
          worker.touch(flush, SMALL_WRITE);
        }
      } catch (Http2Exception e) {
        onError(ctx(), false, e);
      }
    }

    private boolean live() {
      return stream != null && stream.state() != Http2Stream.State.CLOSED;
    }

    private Http2Stream stream() {
      if (stream == null) {
        throw new IllegalStateException("stream: null (expected: a head was written)");
      }
      return stream;
    }

    private int id() {
      return stream().id();
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
      pingSentNanos = worker.nowNanos(); // whoever never answers is closed by the sweep
      ctx().flush();
    } else {
      closeWhenDrained();
    }
  }

  /** Its client does not read what it is answered. */
  private void closeUnread() {
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
