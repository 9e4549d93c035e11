package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.NeutralHeads;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import org.jspecify.annotations.Nullable;

/**
 * A stream of an {@link AbstractHttp2Connection}: what is read of it goes to the other end, and
 * what the other end has is written.
 */
final class Http2StreamEnd extends ResendableEnd {
  private static final int SMALL_WRITE = AbstractHttp2Connection.SMALL_WRITE;

  private final AbstractHttp2Connection connection;
  private @Nullable Http2Stream stream;
  private @Nullable ChannelFuture last;
  private int discarded;
  private int received;
  private boolean widened;
  private boolean headRead;
  private boolean wasReset;
  private boolean expectsContinue;

  /** Counted among what the client has not read yet. */
  private boolean counted;

  /** Of a body that is the gateway's own. */
  private int ownBytes;

  private boolean dropsBody;

  /**
   * An end of a stream.
   *
   * @param stream null when it is opened with the head that is written
   */
  Http2StreamEnd(AbstractHttp2Connection connection, @Nullable Http2Stream stream) {
    super(connection.worker);
    this.connection = connection;
    this.stream = stream;
  }

  private ChannelHandlerContext ctx() {
    return connection.ctx();
  }

  private Http2Connection http2() {
    return connection.connection();
  }

  private Http2ConnectionEncoder encoder() {
    return connection.encoder();
  }

  // ---- the wire to the peer

  void onHeaders(Http2Headers h, boolean end) {
    if (end) {
      inEnd = true;
    }
    if (headRead) {
      passTrailers(h);
    } else if (!http2().isServer() && NeutralHeads.status(h) / 100 == 1) {
      if (peer != null) {
        peer.interim(h);
      }
    } else {
      headRead = true;
      connection.received(this, h, end);
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
      connection.answerEnds(h);
      to.trailers(NeutralHeads.cleanTrailers(h));
    }
  }

  /** Whether somebody took the bytes. */
  boolean onData(ByteBuf bytes, boolean end) {
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
    if (widened || !http2().isServer() || peer == null || peer instanceof PendingEnd) {
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
      http2().local().flowController().incrementWindowSize(stream(), bytes);
      loop.touch(connection.flush, SMALL_WRITE);
    } catch (Http2Exception e) {
      connection.onError(ctx(), false, e);
    }
  }

  @Override
  protected void closeConnection() {
    connection.closeUnread();
  }

  @Override
  public void abort() {
    StreamEnd p = unlink();
    if (p != null) {
      p.reset(CANCEL);
    }
    forget();
    rst(CANCEL);
  }

  void onReset(long code) {
    wasReset = true;
    StreamEnd p = unlink();
    if (p != null) {
      connection.resetByPeer(this, p, code);
    }
    forget();
  }

  /** The stream's number; 0 before it has one. */
  int number() {
    return stream == null ? 0 : stream.id();
  }

  /** Nobody reads the rest of what the peer sends on this stream. */
  void refuseAnswer() {
    rst(CANCEL);
  }

  void closed() {
    freeSlot();
    StreamEnd p = unlink();
    if (p != null && !(inEnd && outEnd)) {
      connection.broken(this, p);
    }
    forget();
    Exchange x = exchange;
    if (x != null) {
      if (counted) {
        x.context().unread().taken();
        connection.ownBytes(-ownBytes);
      }
      x.end(!outEnd || wasReset);
    }
  }

  // ---- the peer to the wire

  @Override
  public void head(Http2Headers h, boolean end) {
    headSent = true;
    Exchange x = exchange;
    ByteBuf body = x == null ? null : x.answered(h, end);
    if (x != null && x.record.refusal != null && (!end || body != null) && wouldWait(x, h, body)) {
      dropBody(h, body);
      body = null;
    }
    if (dropsBody || end && body == null) {
      answerEnds();
    }
    if (stream == null) {
      open(h, end);
    } else if (live()) {
      last = encoder().writeHeaders(ctx(), stream.id(), h, 0, outEnd, ctx().newPromise());
      loop.touch(connection.flush, SMALL_WRITE);
    }
    if (body != null) {
      write(body, true, null);
    }
  }

  private boolean wouldWait(Exchange x, Http2Headers h, @Nullable ByteBuf body) {
    if (!loop.budget.isUnreadScarceFor(x.context().unread().complete())) {
      return false; // a client that opens its windows late still learns why
    }
    int n = body == null ? h.getInt(HttpHeaderNames.CONTENT_LENGTH, 1) : body.readableBytes();
    return live() && connection.hasNoWindowFor(stream(), n);
  }

  /**
   * A client that opens no window for the text of a refusal gets the status alone: an answer that
   * waits costs memory, and a client that is refused may open many streams.
   */
  private void dropBody(Http2Headers h, @Nullable ByteBuf body) {
    dropsBody = true;
    h.remove(HttpHeaderNames.CONTENT_LENGTH);
    h.remove(HttpHeaderNames.CONTENT_TYPE);
    if (body != null) {
      body.release();
    }
  }

  /** All that this stream sends is, or is about to be, written. */
  private void answerEnds() {
    outEnd = true;
    if (!counted && exchange != null && live()) {
      counted = true;
      exchange.context().unread().completed();
    }
  }

  private void open(Http2Headers h, boolean end) {
    remember(h);
    connection.opened();
    sentOn(ctx().channel());
    int id = http2().local().incrementAndGetNextStreamId();
    last = encoder().writeHeaders(ctx(), id, h, 0, end, ctx().newPromise());
    loop.touch(connection.flush, SMALL_WRITE);
    stream = http2().stream(id);
    if (stream == null) {
      freeSlot();
      StreamEnd p = unlink();
      if (p != null) {
        connection.broken(this, p);
      }
    } else {
      connection.bind(stream, this);
    }
  }

  @Override
  public void interim(Http2Headers h) {
    if (!headSent && live()) {
      encoder().writeHeaders(ctx(), id(), h, 0, false, ctx().newPromise());
      loop.touch(connection.flush, SMALL_WRITE);
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
    if (dropsBody) {
      bytes.release();
      return;
    }
    if (!hold(bytes)) {
      write(bytes, end, peer);
      return;
    }
    outEnd |= end;
    int n = bytes.readableBytes();
    last = BodyWrite.uncredited(connection, this, stream(), bytes, end).queue();
    loop.touch(connection.flush, n);
  }

  /** Writes body bytes; who they came from is credited. */
  private void write(ByteBuf bytes, boolean end, @Nullable StreamEnd from) {
    int n = bytes.readableBytes();
    if (end) {
      answerEnds();
    }
    if (from == null && counted) {
      ownBytes += n;
      connection.ownBytes(n);
    }
    if (exchange != null) {
      exchange.sent(n);
    }
    last = BodyWrite.credited(connection, this, stream(), from, bytes, end).queue();
    loop.touch(connection.flush, n);
  }

  @Override
  public void trailers(Http2Headers t) {
    ByteBuf body = exchange == null ? null : exchange.answeredWith(t);
    if (body != null) {
      write(body, true, null);
      return;
    }
    forget();
    answerEnds();
    if (live()) {
      last = encoder().writeHeaders(ctx(), id(), t, 0, true, ctx().newPromise());
      loop.touch(connection.flush, SMALL_WRITE);
    }
  }

  @Override
  public void reset(long code) {
    unlink();
    forget();
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
   * The answer is complete, the request is not: nearly always its end is on its way, so a little is
   * read and dropped before the client is told that the rest is unwanted. By then the answer,
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
      if (!inEnd) {
        connection.resetFromHere(this);
      }
      connection.resetStream(ctx(), id(), code, ctx().newPromise());
      loop.touch(connection.flush, SMALL_WRITE);
    }
  }

  @Override
  protected void credit(int n) {
    if (!live()) {
      return; // Netty gave the bytes back when the stream closed
    }
    try {
      if (http2().local().flowController().consumeBytes(stream(), n)) {
        loop.touch(connection.flush, SMALL_WRITE);
      }
    } catch (Http2Exception e) {
      connection.onError(ctx(), false, e);
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
