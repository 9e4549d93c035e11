package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.CreditOnWrite;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.NeutralHeads;
import io.scopegate.gateway.exchange.StreamEnd;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of the one exchange of an {@link Http1ServerConnection}, which it tells when the
 * request has been read and when the answer has been written.
 */
final class Http1ServerStream extends StreamEnd {
  private static final int HEAD_WRITE = 256;
  private static final int SMALL_WRITE = 64;

  private final Http1ServerConnection connection;
  private final boolean toHead;
  private final boolean old;
  private @Nullable Http2Headers request;
  private boolean chunked;
  private boolean expectsContinue;
  private boolean last;
  private int drained;

  Http1ServerStream(Http1ServerConnection connection, HttpRequest r) {
    super(connection.worker);
    this.connection = connection;
    toHead = r.method().equals(HttpMethod.HEAD);
    old = !r.protocolVersion().isKeepAliveDefault();
    connection.encoder.answersHead(toHead);
  }

  private ChannelHandlerContext ctx() {
    return connection.ctx();
  }

  /** Whether the connection ends with this exchange. */
  boolean isLast() {
    return last;
  }

  // ---- the wire to the peer

  /**
   * Reads a head.
   *
   * @return whether its target is in a form that names a path
   */
  boolean begin(HttpRequest r, boolean leaving) {
    last = old || !HttpUtil.isKeepAlive(r) || leaving; // HTTP/1.0 reads up to the end
    if (Http1Heads.isBodyless(r)) {
      requestEnds();
    } else {
      expectsContinue = !old && HttpUtil.is100ContinueExpected(r);
    }
    request = Heads.request(r);
    last |= request == null;
    return request != null;
  }

  /** The head that was read, once. */
  Http2Headers takeHead() {
    Http2Headers h = request;
    if (h == null) {
      throw new IllegalStateException("request: null (expected: begin has returned true)");
    }
    request = null;
    return h;
  }

  /** Nothing more can be read of this request, nor of any after it. */
  void readNoFurther() {
    last = true;
    requestEnds();
  }

  private void requestEnds() {
    inEnd = true;
    connection.requestRead(this);
  }

  /** A part of the body. */
  void content(HttpContent c) {
    if (c.decoderResult().isFailure()) {
      c.release();
      brokenBody(Http1Heads.brokenBody(c.decoderResult().cause()));
      return;
    }
    boolean end = c instanceof LastHttpContent;
    inEnd |= end;
    StreamEnd to = peer;
    if (to == null) {
      discard(c);
    } else if (end && !((LastHttpContent) c).trailingHeaders().isEmpty()) {
      deliverLast(to, (LastHttpContent) c);
    } else {
      deliver(to, c.content(), end);
      connection.adjustReading();
    }
    if (end && connection.isOf(this)) {
      connection.requestRead(this);
    }
  }

  private void deliverLast(StreamEnd to, LastHttpContent c) {
    if (c.content().isReadable()) {
      deliver(to, c.content().retain(), false);
    }
    if (peer != null && exchange != null) {
      exchange.requestTrailers(to, Heads.trailers(c.trailingHeaders()));
    }
    c.release();
  }

  /** Nobody wants it any more: the answer is out, and the client is still sending. */
  private void discard(HttpContent c) {
    drained += c.content().readableBytes();
    c.release();
    if (drained > CodecSettings.DRAIN_BYTES) {
      connection.cut();
    }
  }

  private void brokenBody(Refusal why) {
    unlinkAndCancel();
    if (headSent) {
      connection.cut();
      return;
    }
    last = true;
    requestEnds();
    if (exchange != null) {
      exchange.refuse(why);
    }
  }

  @Override
  protected void credit(int n) {
    if (connection.isOf(this) && unwrittenCost() < CodecSettings.HTTP1_AHEAD / 2) {
      connection.readFurther();
    }
  }

  /** The connection is gone. */
  void lost() {
    unlinkAndCancel();
    if (exchange != null) {
      exchange.end(true);
    }
  }

  private void unlinkAndCancel() {
    StreamEnd p = unlink();
    if (p != null) {
      p.reset(CANCEL);
    }
  }

  /** Both halves are complete. */
  void end(boolean aborted) {
    unlink();
    if (exchange != null) {
      exchange.end(aborted);
    }
  }

  // ---- the peer to the wire

  @Override
  public void interim(Http2Headers h) {
    int code = NeutralHeads.status(h);
    if (old || headSent || code == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      return;
    }
    if (code == HttpResponseStatus.CONTINUE.code()) {
      if (!expectsContinue) {
        return;
      }
      expectsContinue = false;
    }
    ctx().write(whole(HttpResponseStatus.valueOf(code), Heads.http1(h)));
    loop.touch(connection.flush, HEAD_WRITE);
  }

  @Override
  public void proceed() {
    if (expectsContinue) {
      interim(Heads.continueHead());
    }
  }

  @Override
  public void head(Http2Headers h, boolean end) {
    headSent = true;
    ByteBuf body = exchange == null ? null : exchange.answered(h, end);
    boolean none = end && body == null;
    int code = NeutralHeads.status(h);
    HttpHeaders out = Heads.http1(h);
    Http1Heads.Framing framing = Http1Heads.frame(out, code, toHead, none, old);
    chunked = framing == Http1Heads.Framing.CHUNKED;
    if (framing == Http1Heads.Framing.BY_CLOSE
        || connection.isLeaving()
        || expectsContinue) { // the body that was never asked for may come or not
      last = true;
    }
    if (last) {
      out.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    HttpResponseStatus status = HttpResponseStatus.valueOf(code);
    ctx()
        .write(
            none ? whole(status, out) : new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, out),
            ctx().voidPromise());
    loop.touch(connection.flush, HEAD_WRITE);
    if (body != null) {
      write(body, true, null);
    } else if (none) {
      answerEnds();
    }
  }

  private static HttpResponse whole(HttpResponseStatus status, HttpHeaders headers) {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER, headers, EmptyHttpHeaders.INSTANCE);
  }

  @Override
  public void data(ByteBuf bytes, boolean end) {
    write(bytes, end, peer);
  }

  /** Writes body bytes; who they came from is credited. */
  private void write(ByteBuf bytes, boolean end, @Nullable StreamEnd from) {
    int n = bytes.readableBytes();
    if (exchange != null) {
      exchange.sent(n);
    }
    ctx()
        .write(
            end ? new DefaultLastHttpContent(bytes) : new DefaultHttpContent(bytes),
            new CreditOnWrite(ctx(), this, from, n));
    loop.touch(connection.flush, n);
    if (end) {
      answerEnds();
    }
  }

  @Override
  public void trailers(Http2Headers t) {
    ByteBuf body = exchange == null ? null : exchange.answeredWith(t);
    if (body != null) {
      write(body, true, null);
      return;
    }
    ctx().write(chunked ? Heads.last(t) : LastHttpContent.EMPTY_LAST_CONTENT);
    loop.touch(connection.flush, SMALL_WRITE);
    answerEnds();
  }

  private void answerEnds() {
    outEnd = true;
    if (connection.isOf(this)) {
      connection.answerWritten(this);
    }
  }

  @Override
  public void abort() {
    connection.cut(); // channelInactive does the rest
  }

  @Override
  public void reset(long code) {
    unlink();
    if (outEnd) {
      connection.restUnwanted(); // answered: the rest of the request is read and dropped
    } else if (!headSent && exchange != null) {
      exchange.refuse(Exchange.upstreamLost());
    } else {
      connection.cut();
    }
  }
}
