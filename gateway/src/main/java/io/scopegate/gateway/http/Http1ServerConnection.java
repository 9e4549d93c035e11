package io.scopegate.gateway.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Connection;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RequestHandler;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 from a client: one exchange at a time. What a client sends ahead of an answer waits
 * undecoded, and while it waits no more is read.
 *
 * <pre>
 *            head                   end of the request
 *   IDLE ───────────► READING ───────────────────────► ANSWERING
 *    ▲                   │                                 │
 *    │                   │ end of the answer               │ end of the answer
 *    │                   ▼                                 │
 *    │                DRAINING                             │
 *    │                   │ end of the request              │
 *    ├───────────────────┴─────────────────────────────────┘
 *    │                   if the exchange was the connection's last one:
 *    └─────────────────────────────────────────────────────────► CLOSING
 * </pre>
 *
 * A request without a body is ANSWERING at once. Every state may become CLOSING: when the client is
 * gone, breaks the protocol or takes too long, and an IDLE connection when it is asked to drain.
 */
public final class Http1ServerConnection extends ChannelInboundHandlerAdapter
    implements Connection, Http1RequestDecoder.Taker {
  /** Where the connection stands. */
  enum State {
    /** No request is under way. */
    IDLE,
    /** More of a request is to come; its answer may have begun. */
    READING,
    /** The request has been read to its end. */
    ANSWERING,
    /** The answer is complete; the rest of the request goes to who still wants it, or nowhere. */
    DRAINING,
    /** Nothing more is taken; what was written may still go out. */
    CLOSING
  }

  final LoopContext worker;
  final LoopContext.Flush flush = new LoopContext.Flush(this);
  final Http1ResponseEncoder encoder;

  private final ClientExchanges exchanges;
  private final CodecSettings limits;
  private final ConnectionDecisionCache memo;
  private final Http1RequestDecoder decoder;
  private final WriteProgress sending = new WriteProgress();
  private final long drainAtNanos;
  private @Nullable ChannelHandlerContext context;
  private @Nullable PacedReading pacing;
  private State state = State.IDLE;

  /** The one exchange; null while IDLE. */
  private @Nullable Http1ServerStream stream;

  /** Asked to finish what runs. */
  private boolean leaving;

  /** More of the request will be decoded soon. */
  private boolean resumes;

  private boolean messageRead;
  private long partialSinceNanos;

  /** When the connection became IDLE, DRAINING or CLOSING. */
  private long sinceNanos;

  private Http1ServerConnection(
      LoopContext worker,
      ClientExchanges exchanges,
      Http1RequestDecoder decoder,
      Http1ResponseEncoder encoder) {
    this.worker = worker;
    this.exchanges = exchanges;
    this.limits = exchanges.limits();
    this.memo =
        new ConnectionDecisionCache(exchanges.info().peer(), exchanges.info().forwardedFor());
    this.decoder = decoder;
    this.encoder = encoder;
    drainAtNanos = worker.nowNanos() + Http2ServerConnection.jittered(limits.maxAgeNanos());
  }

  /** Makes this pipeline speak HTTP/1.1. */
  public static void addTo(
      ChannelPipeline pipeline,
      LoopContext worker,
      RequestHandler handler,
      ConnectionContext about,
      CodecSettings limits) {
    Http1RequestDecoder decoder = new Http1RequestDecoder(limits.maxHeaderBytes());
    Http1ResponseEncoder encoder = new Http1ResponseEncoder();
    ClientExchanges exchanges = new ClientExchanges(handler, about, limits);
    Http1ServerConnection connection =
        new Http1ServerConnection(worker, exchanges, decoder, encoder);
    decoder.decodeFor(connection);
    pipeline.addLast(decoder, encoder);
    if (limits.http2() && !about.client().tls()) {
      pipeline.addLast(
          new H2cUpgrade(
              () -> Http2ServerConnection.create(worker, handler, about.upgraded(), limits)));
    }
    pipeline.addLast(connection);
  }

  ChannelHandlerContext ctx() {
    if (context == null) {
      throw new IllegalStateException("context: null (expected: handlerAdded was called)");
    }
    return context;
  }

  // ---- what comes

  @Override
  public Http1RequestDecoder.Next next() {
    return switch (state) {
      case READING, DRAINING -> // a chunk, decoded, may be many times as large
          isFarAhead() ? Http1RequestDecoder.Next.WAIT : Http1RequestDecoder.Next.DECODE;
      case ANSWERING -> Http1RequestDecoder.Next.WAIT;
      case CLOSING -> Http1RequestDecoder.Next.DROP;
      case IDLE -> // who does not read the answers gets no more of them
          ctx().channel().isWritable()
              ? Http1RequestDecoder.Next.DECODE
              : Http1RequestDecoder.Next.WAIT;
    };
  }

  private boolean isFarAhead() {
    Http1ServerStream s = stream;
    return s != null && s.unwrittenCost() >= CodecSettings.HTTP1_AHEAD;
  }

  @Override
  public void inputWaits() {
    adjustReading();
  }

  @Override
  public void channelRead(ChannelHandlerContext c, Object msg) {
    messageRead = true;
    partialSinceNanos = 0;
    Http1ServerStream s = stream;
    if (state == State.IDLE && msg instanceof HttpRequest r) {
      begin(r);
    } else if (s != null && isReading() && msg instanceof HttpContent content) {
      s.content(content);
    } else {
      ReferenceCountUtil.release(msg); // also the end of a request that ended with its head
    }
  }

  private boolean isReading() {
    return state == State.READING || state == State.DRAINING;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext c) {
    if (!messageRead && state == State.IDLE && !decoder.waits() && partialSinceNanos == 0) {
      partialSinceNanos = worker.nowNanos(); // bytes came that are no head yet
    }
    messageRead = false;
    c.fireChannelReadComplete();
  }

  /** IDLE to READING, and on to ANSWERING where nothing is to be read. */
  private void begin(HttpRequest r) {
    Http1ServerStream s = new Http1ServerStream(this, r);
    stream = s;
    state = State.READING;
    Exchange x = exchanges.open(s);
    Refusal malformed = Http1Heads.malformed(r);
    if (malformed != null) {
      s.readNoFurther();
      exchanges.handler().malformed(x, malformed);
    } else if (!s.begin(r, leaving)) {
      exchanges.handler().malformed(x, Http1Heads.bad("the request target must be a path"));
    } else {
      exchanges.handler().request(x, s.takeHead(), s.isReadToEnd(), memo);
    }
  }

  // ---- transitions, told by the stream

  /** READING to ANSWERING, or the end of an exchange that was DRAINING. */
  void requestRead(Http1ServerStream s) {
    if (state == State.READING) {
      state = State.ANSWERING;
    } else if (state == State.DRAINING) {
      finish(s);
    }
  }

  /** READING to DRAINING, or the end of an exchange that was ANSWERING. */
  void answerWritten(Http1ServerStream s) {
    if (state == State.READING) {
      state = State.DRAINING;
      sinceNanos = worker.nowNanos();
    } else if (state == State.ANSWERING) {
      finish(s);
    }
  }

  /** Nobody wants the rest of a request that was answered: it is read for a while from now on. */
  void restUnwanted() {
    sinceNanos = worker.nowNanos();
  }

  private void finish(Http1ServerStream s) {
    stream = null;
    sinceNanos = worker.nowNanos();
    state = State.IDLE;
    boolean last = s.isLast() || leaving;
    s.end(false);
    if (last) {
      closeWhenWritten();
    } else {
      goOn();
    }
  }

  /** Takes up what waits, if anything does. */
  private void goOn() {
    try {
      decoder.resume();
    } catch (Exception e) {
      exceptionCaught(ctx(), e);
    }
    adjustReading();
  }

  private void closeWhenWritten() {
    if (state != State.CLOSING) {
      state = State.CLOSING;
      sinceNanos = worker.nowNanos();
      ctx().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      goOn(); // what waited is dropped, so that the end of the connection is seen
    }
  }

  /** Closes at once; {@link #channelInactive} tells who has to know. */
  void cut() {
    state = State.CLOSING;
    ctx().close();
  }

  boolean isOf(Http1ServerStream s) {
    return stream == s && state != State.CLOSING;
  }

  boolean isLeaving() {
    return leaving;
  }

  /** Reads while there is room for what comes. */
  void adjustReading() {
    PacedReading.want(ctx().channel(), pacing, !decoder.waits() && !isFarAhead());
  }

  /** Little is left that is not written. */
  void readFurther() {
    if (!decoder.waits()) {
      adjustReading();
    } else if (!resumes) {
      resumes = true;
      worker.eventLoop.execute(this::resumeReading); // not within a flush
    }
  }

  private void resumeReading() {
    resumes = false;
    if (isReading()) {
      goOn();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext c) {
    if (state == State.IDLE && decoder.waits() && c.channel().isWritable()) {
      worker.eventLoop.execute(this::resumeWhenIdle); // not within a flush
    }
    c.fireChannelWritabilityChanged();
  }

  private void resumeWhenIdle() {
    if (state == State.IDLE) {
      goOn();
    }
  }

  // ---- the connection

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    context = c;
    pacing = c.pipeline().get(PacedReading.class);
    sinceNanos = worker.nowNanos();
    worker.add(this, true);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext c) {
    worker.remove(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext c) {
    worker.remove(this);
    state = State.CLOSING;
    Http1ServerStream s = stream;
    stream = null;
    if (s != null) {
      s.lost();
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
    leaving = true;
    if (state == State.IDLE) {
      closeWhenWritten();
    }
  }

  @Override
  public void sweep(long nowNanos) {
    if (limits.maxAgeNanos() > 0 && nowNanos - drainAtNanos >= 0) {
      drain();
    }
    if (exchanges.about().unread().areStuck(nowNanos) || isOverdue(nowNanos)) {
      cut();
    }
  }

  private boolean isOverdue(long nowNanos) {
    long forNanos = nowNanos - sinceNanos;
    boolean unread =
        state != State.READING
            && state != State.ANSWERING // there the exchange has timeouts of its own
            && sending.isStalled(ctx().channel(), nowNanos, CodecSettings.UNREAD_ANSWER_NANOS);
    return unread
        || switch (state) {
          case IDLE ->
              over(forNanos, limits.idleTimeoutNanos())
                  || partialSinceNanos != 0
                      && over(nowNanos - partialSinceNanos, limits.headerTimeoutNanos());
          case DRAINING ->
              stream != null
                  && !stream.linked()
                  && forNanos > CodecSettings.DRAIN_MILLIS * 1_000_000L;
          case CLOSING -> forNanos > CodecSettings.CLIENT_KEEP_ALIVE_NANOS;
          case READING, ANSWERING -> false;
        };
  }

  private static boolean over(long nanos, long limitNanos) {
    return limitNanos > 0 && nanos > limitNanos;
  }
}
