package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.Connection;
import io.scopegate.gateway.exchange.CreditOnWrite;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.exchange.StreamEnd;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 from a client, behind Netty's {@link HttpServerCodec}: one exchange at a time, pipelined
 * requests wait.
 */
public final class Http1ServerConnection extends ChannelInboundHandlerAdapter
    implements Connection {
  private static final String PROTOCOL = "HTTP/1.1";
  private static final int HEAD_WRITE = 256;
  private static final int SMALL_WRITE = 64;

  private static final Refusal TOO_LARGE =
      Refusal.of(
          Refusal.Reason.HEADERS_TOO_LARGE,
          "route: the request line, the headers or the trailers are larger than"
              + " clients.maxHeaderBytes, or are more than "
              + FieldLimit.MOST_FIELDS
              + " fields");

  private final LoopContext worker;
  private final RequestHandler handler;
  private final ClientInfo info;
  private final CodecSettings limits;
  private final LoopContext.Flush flush = new LoopContext.Flush(this);
  private final ConnectionDecisionCache memo;
  private final ArrayDeque<Object> later = new ArrayDeque<>(0);
  private final long drainAtNanos;
  private @Nullable ChannelHandlerContext context;
  private @Nullable H1Side now;
  private @Nullable Http2Settings upgrade;
  private @Nullable Http2Headers upgradeHead;
  private @Nullable Http2ServerConnection successor;
  private boolean lastExchange;
  private boolean dead;
  private boolean catchingUp;
  private boolean draining;
  private boolean read;
  private long partialSinceNanos;
  private long idleSinceNanos;

  private Http1ServerConnection(
      LoopContext worker, RequestHandler handler, ClientInfo info, CodecSettings limits) {
    this.worker = worker;
    this.handler = handler;
    this.info = info;
    this.memo = new ConnectionDecisionCache(info.peer());
    this.limits = limits;
    drainAtNanos = worker.nowNanos() + Http2ServerConnection.jittered(limits.maxAgeNanos());
  }

  /** Makes this pipeline speak HTTP/1.1. */
  public static void addTo(
      ChannelPipeline pipeline,
      LoopContext worker,
      RequestHandler handler,
      ClientInfo info,
      CodecSettings limits) {
    pipeline.addLast(
        new HttpServerCodec(decoder(limits.maxHeaderBytes())),
        new Http1ServerConnection(worker, handler, info, limits));
  }

  static HttpDecoderConfig decoder(int maxHeaderBytes) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(maxHeaderBytes)
        .setMaxHeaderSize(maxHeaderBytes)
        .setHeadersFactory(FieldLimit.HTTP1)
        .setTrailersFactory(FieldLimit.HTTP1)
        .setMaxChunkSize(1 << 20) // the default slices bodies
        .setInitialBufferSize(256);
  }

  private ChannelHandlerContext ctx() {
    if (context == null) {
      throw new IllegalStateException("context: null (expected: handlerAdded was called)");
    }
    return context;
  }

  // ---- the wire to the peer

  @Override
  public void channelRead(ChannelHandlerContext c, Object msg) throws Exception {
    read = true;
    partialSinceNanos = 0;
    if (successor != null) {
      successor.channelRead(c.pipeline().context(successor), msg);
    } else if (dead) {
      ReferenceCountUtil.release(msg);
    } else if (!later.isEmpty() || now != null && now.isReadToEnd()) {
      later.add(msg);
      adjustReading();
    } else {
      handle((HttpObject) msg);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext c) {
    if (!read && now == null && partialSinceNanos == 0) {
      partialSinceNanos = worker.nowNanos(); // bytes came that are no head yet
    }
    read = false;
    c.fireChannelReadComplete();
  }

  private void handle(HttpObject msg) {
    if (msg instanceof HttpRequest r) {
      begin(r);
    } else if (upgradeHead != null) {
      ReferenceCountUtil.release(msg);
      becomeHttp2();
    } else if (now != null && !now.isReadToEnd()) {
      now.content((HttpContent) msg);
    } else {
      ReferenceCountUtil.release(msg);
    }
  }

  private void begin(HttpRequest r) {
    if (r.decoderResult().isSuccess() && startUpgrade(r)) {
      return;
    }
    H1Side side = new H1Side();
    now = side;
    Exchange x = new Exchange(side, handler, limits.bodyTimeoutNanos());
    x.record.protocol = PROTOCOL;
    Http2ServerConnection.fill(x, info);
    Refusal malformed = malformed(r);
    if (malformed != null) {
      side.readToEnd();
      lastExchange = true;
      handler.malformed(x, malformed);
    } else {
      side.begin(r, x);
    }
  }

  /** What is wrong with this head; null when nothing is. */
  private static @Nullable Refusal malformed(HttpRequest r) {
    if (r.decoderResult().isFailure()) {
      Throwable t = r.decoderResult().cause();
      return t instanceof TooLongHttpHeaderException || t instanceof TooLongHttpLineException
          ? TOO_LARGE
          : bad("the request is not valid HTTP/1.1");
    }
    if (r.protocolVersion().majorVersion() != 1) {
      return bad("only HTTP/1.0 and HTTP/1.1 are understood in this form");
    }
    List<String> hosts = r.headers().getAll(HttpHeaderNames.HOST);
    boolean version11 = r.protocolVersion().equals(HttpVersion.HTTP_1_1);
    if (hosts.size() > 1 || hosts.isEmpty() && version11) {
      return bad("exactly one Host header is needed");
    }
    List<String> codings = r.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!codings.isEmpty()
        && (codings.size() > 1 || !codings.get(0).trim().equalsIgnoreCase("chunked"))) {
      return bad("the only transfer encoding that is understood is chunked");
    }
    return !codings.isEmpty() && !version11 ? bad("HTTP/1.0 has no transfer encodings") : null;
  }

  private static Refusal bad(String what) {
    return Refusal.of(Refusal.Reason.MALFORMED, "route: " + what);
  }

  private void next() {
    now = null;
    idleSinceNanos = worker.nowNanos();
    if (lastExchange || draining) {
      leave();
    } else if (!catchingUp) {
      catchUp();
    }
  }

  /** Pipelined requests, one after the other; an answer at once must not recurse. */
  private void catchUp() {
    catchingUp = true;
    while (!later.isEmpty() && !(now != null && now.isReadToEnd()) && !dead) {
      handle((HttpObject) later.poll());
    }
    catchingUp = false;
    if (!dead) {
      adjustReading();
    }
  }

  /** Closes when what was written is out. */
  private void leave() {
    if (!dead) {
      dead = true;
      ctx().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void adjustReading() {
    boolean on = later.isEmpty() && (now == null || now.unwritten() < CodecSettings.HTTP1_AHEAD);
    if (ctx().channel().config().isAutoRead() != on) {
      ctx().channel().config().setAutoRead(on);
    }
  }

  // ---- the upgrade to HTTP/2

  /**
   * RFC 7540 3.2: still what some tools send first. A request with a body stays HTTP/1.1, as the
   * server may choose.
   */
  private boolean startUpgrade(HttpRequest r) {
    HttpHeaders h = r.headers();
    List<String> settings = h.getAll("HTTP2-Settings");
    if (info.tls()
        || !limits.http2()
        || later.size() > 1 // more than this request's own end
        || settings.size() != 1
        || !h.containsValue(HttpHeaderNames.UPGRADE, "h2c", true)
        || !h.containsValue(HttpHeaderNames.CONNECTION, "http2-settings", true)
        || HttpUtil.isTransferEncodingChunked(r)
        || HttpUtil.getContentLength(r, 0L) > 0
        || malformed(r) != null) {
      return false;
    }
    upgrade = UpgradeSettings.parse(settings.get(0));
    upgradeHead = upgrade == null ? null : Heads.request(r);
    return upgradeHead != null;
  }

  private void becomeHttp2() {
    Http2Settings settings = upgrade;
    Http2Headers head = upgradeHead;
    if (settings == null || head == null) {
      return;
    }
    dead = true;
    DefaultFullHttpResponse switching =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    switching.headers().set(HttpHeaderNames.CONNECTION, "upgrade").set("upgrade", "h2c");
    ctx().writeAndFlush(switching);
    ChannelPipeline p = ctx().pipeline();
    ctx().channel().config().setAutoRead(true);
    Http2ServerConnection h2 = Http2ServerConnection.create(worker, handler, info, limits);
    // in front of the codec, which would not let frames out
    p.addBefore(p.context(HttpServerCodec.class).name(), null, h2);
    worker.remove(this);
    try {
      h2.upgraded(p.context(h2), settings, head);
    } catch (Http2Exception e) {
      ctx().close();
      return;
    }
    successor = h2; // the codec hands over here what it holds
    p.remove(HttpServerCodec.class);
    worker.loop.execute(() -> {
      if (!ctx().isRemoved()) {
        p.remove(this);
      }
    });
  }

  // ---- the connection

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    context = c;
    idleSinceNanos = worker.nowNanos();
    worker.add(this, true);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext c) {
    worker.remove(this);
    for (Object o; (o = later.poll()) != null; ) {
      ReferenceCountUtil.release(o);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext c) {
    worker.remove(this);
    dead = true;
    if (now != null) {
      now.lost();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
    c.close(); // a connection reset, a broken TLS record: nobody is left to tell
  }

  @Override
  public void flushNow() {
    ctx().flush();
  }

  @Override
  public void drain() {
    draining = true;
    if (now == null) {
      leave();
    }
  }

  @Override
  public void sweep(long nowNanos) {
    if (limits.maxAgeNanos() > 0 && nowNanos - drainAtNanos >= 0) {
      drain();
    } else if (dead) {
      if (nowNanos - idleSinceNanos > CodecSettings.CLIENT_KEEP_ALIVE_NANOS) {
        ctx().close(); // it does not read the last answer
      }
    } else if (now == null) {
      boolean slowHead =
          partialSinceNanos != 0 && over(nowNanos - partialSinceNanos, limits.headerTimeoutNanos());
      if (slowHead || over(nowNanos - idleSinceNanos, limits.idleTimeoutNanos())) {
        ctx().close();
      }
    }
  }

  private static boolean over(long nanos, long limitNanos) {
    return limitNanos > 0 && nanos > limitNanos;
  }

  /** The one exchange under way. */
  private final class H1Side extends StreamEnd {
    private boolean chunked;
    private boolean bodyless;
    private boolean isHead;
    private boolean old;
    private boolean expectsContinue;
    private int drained;

    H1Side() {
      super(Http1ServerConnection.this.worker);
    }

    // ---- the wire to the peer

    private void begin(HttpRequest r, Exchange x) {
      isHead = r.method().equals(HttpMethod.HEAD);
      old = !r.protocolVersion().isKeepAliveDefault();
      if (old || !HttpUtil.isKeepAlive(r) || draining) { // HTTP/1.0 reads up to the end
        lastExchange = true;
      }
      bodyless = !HttpUtil.isTransferEncodingChunked(r) && HttpUtil.getContentLength(r, 0L) <= 0;
      expectsContinue = !bodyless && !old && HttpUtil.is100ContinueExpected(r);
      Http2Headers h = Heads.request(r);
      if (h == null) {
        lastExchange = true;
        handler.malformed(x, bad("the request target must be a path"));
        return;
      }
      handler.request(x, h, bodyless, memo);
    }

    /** Nothing more of this request is read. */
    private void readToEnd() {
      inEnd = true;
    }

    private void content(HttpContent c) {
      if (c.decoderResult().isFailure()) {
        c.release();
        brokenBody(
            c.decoderResult().cause() instanceof TooLongHttpHeaderException
                ? TOO_LARGE
                : bad("the request's body is not framed as HTTP/1.1 wants it"));
        return;
      }
      boolean last = c instanceof LastHttpContent;
      if (last) {
        inEnd = true;
      }
      StreamEnd to = peer;
      if (to == null || bodyless) {
        discard(c);
      } else if (last && !((LastHttpContent) c).trailingHeaders().isEmpty()) {
        deliverLast(to, (LastHttpContent) c);
      } else {
        deliver(to, c.content(), last);
        adjustReading();
      }
      if (last) {
        finish();
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
        dead = true;
        ctx().close();
      }
    }

    private void brokenBody(Refusal why) {
      StreamEnd p = unlink();
      if (p != null) {
        p.reset(CANCEL);
      }
      inEnd = true;
      lastExchange = true;
      if (headSent) {
        dead = true;
        ctx().close();
      } else if (exchange != null) {
        exchange.refuse(why);
      }
    }

    @Override
    protected void credit(int n) {
      if (now == this && unwritten() < CodecSettings.HTTP1_AHEAD / 2) {
        adjustReading();
      }
    }

    private void lost() {
      StreamEnd p = unlink();
      if (p != null) {
        p.reset(CANCEL);
      }
      if (exchange != null) {
        exchange.end(true);
      }
    }

    // ---- the peer to the wire

    @Override
    public void interim(Http2Headers h) {
      int code = Heads.status(h);
      if (old || headSent || code == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
        return;
      }
      if (code == HttpResponseStatus.CONTINUE.code()) {
        if (!expectsContinue) {
          return;
        }
        expectsContinue = false;
      }
      ctx()
          .write(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1,
                  HttpResponseStatus.valueOf(code),
                  Unpooled.EMPTY_BUFFER,
                  Heads.http1(h),
                  EmptyHttpHeaders.INSTANCE));
      worker.touch(flush, HEAD_WRITE);
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
      head(h, end, body);
    }

    private void head(Http2Headers h, boolean last, @Nullable ByteBuf body) {
      boolean end = last && body == null;
      int code = Heads.status(h);
      HttpHeaders out = Heads.http1(h);
      frame(out, code, end);
      if (draining || expectsContinue) {
        lastExchange = true; // the body that was never asked for may come or not
      }
      if (lastExchange) {
        out.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      }
      HttpResponseStatus status = HttpResponseStatus.valueOf(code);
      ctx()
          .write(
              end
                  ? new DefaultFullHttpResponse(
                      HttpVersion.HTTP_1_1,
                      status,
                      Unpooled.EMPTY_BUFFER,
                      out,
                      EmptyHttpHeaders.INSTANCE)
                  : new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, out),
              ctx().voidPromise());
      worker.touch(flush, HEAD_WRITE);
      if (body != null) {
        write(body, true, null);
      } else if (end) {
        ended();
      }
    }

    /** How the body's end is found: RFC 9112 6.3. */
    private void frame(HttpHeaders out, int code, boolean end) {
      boolean never = isHead || code == 204 || code == 304;
      if (never || out.contains(HttpHeaderNames.CONTENT_LENGTH)) {
        return;
      }
      if (end) {
        out.set(HttpHeaderNames.CONTENT_LENGTH, "0");
      } else if (old) {
        lastExchange = true;
      } else {
        chunked = true;
        out.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
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
      worker.touch(flush, n);
      if (end) {
        ended();
      }
    }

    @Override
    public void trailers(Http2Headers t) {
      ByteBuf body = exchange == null ? null : exchange.ended(t);
      if (body != null) {
        write(body, true, null);
        return;
      }
      ctx().write(chunked ? Heads.last(t) : LastHttpContent.EMPTY_LAST_CONTENT);
      worker.touch(flush, SMALL_WRITE);
      ended();
    }

    private void ended() {
      outEnd = true;
      drainForAWhile();
      finish();
    }

    private void drainForAWhile() {
      if (!inEnd) {
        worker.loop.schedule(
            this::giveUpDraining, CodecSettings.DRAIN_MILLIS, TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void abort() {
      dead = true;
      ctx().close(); // channelInactive does the rest
    }

    private void giveUpDraining() {
      if (now == this && peer == null && ctx().channel().isActive()) {
        dead = true;
        ctx().close();
      }
    }

    private void finish() {
      if (outEnd && inEnd && now == this) {
        unlink();
        if (exchange != null) {
          exchange.end(false);
        }
        next();
      }
    }

    @Override
    public void reset(long code) {
      unlink();
      if (outEnd) {
        drainForAWhile(); // answered: the rest of the request is read and dropped
        return;
      }
      if (!headSent && exchange != null) {
        exchange.refuse(Exchange.upstreamLost());
      } else {
        dead = true;
        ctx().close();
      }
    }
  }
}
