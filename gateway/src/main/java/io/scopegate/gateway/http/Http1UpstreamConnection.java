package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.ReferenceCountUtil;
import io.scopegate.gateway.exchange.Connection;
import io.scopegate.gateway.exchange.CreditOnWrite;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.http.Attempts.Failure;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 to an upstream: one exchange at a time, then back to its pool. */
public final class Http1UpstreamConnection extends ChannelInboundHandlerAdapter
    implements Connection {
  private static final int HEAD_WRITE = 256;
  private static final int SMALL_WRITE = 64;

  private final LoopContext worker;
  private final Http1ResponseDecoder responses;
  private final Owner owner;
  private final UpstreamLife life;
  private final long bornNanos;
  private final LoopContext.Flush flush = new LoopContext.Flush(this);
  private @Nullable ChannelHandlerContext context;
  private @Nullable H1Side now;
  private boolean reused;
  private boolean gone;
  private long idleSinceNanos;

  /** Who made the connection and hands it out. All calls on the event loop. */
  public interface Owner extends Attempts {
    /** The connection is free. */
    void idle(Http1UpstreamConnection c);

    /** The connection is closed. */
    void gone(Http1UpstreamConnection c);
  }

  private Http1UpstreamConnection(
      LoopContext worker, Http1ResponseDecoder responses, Owner owner, UpstreamLife life) {
    this.worker = worker;
    this.responses = responses;
    this.owner = owner;
    this.life = life;
    this.bornNanos = worker.nowNanos();
  }

  /** Makes this pipeline speak HTTP/1.1. */
  public static Http1UpstreamConnection addTo(
      ChannelPipeline pipeline,
      LoopContext worker,
      Owner owner,
      CodecSettings limits,
      UpstreamLife life) {
    Http1ResponseDecoder responses = new Http1ResponseDecoder(limits.maxHeaderBytes());
    Http1UpstreamConnection c = new Http1UpstreamConnection(worker, responses, owner, life);
    pipeline.addLast(responses, new Http1RequestEncoder(), c);
    return c;
  }

  private ChannelHandlerContext ctx() {
    if (context == null) {
      throw new IllegalStateException("context: null (expected: handlerAdded was called)");
    }
    return context;
  }

  /**
   * The end of a new exchange; only when {@link #usable()}.
   *
   * @param slot what it takes of a bound; null for nothing
   */
  public StreamEnd newSide(@Nullable Slot slot) {
    H1Side side = new H1Side();
    side.occupy(slot);
    now = side;
    return side;
  }

  /** Whether an exchange can begin. */
  public boolean usable() {
    return now == null && context != null && context.channel().isActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext c, Object msg) {
    if (now == null) {
      ReferenceCountUtil.release(msg);
      c.close(); // an answer that nobody asked for
    } else {
      now.read((HttpObject) msg);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    context = c;
    idleSinceNanos = worker.nowNanos();
    worker.add(this, false);
  }

  @Override
  public void channelInactive(ChannelHandlerContext c) {
    worker.remove(this);
    H1Side side = now;
    now = null;
    if (side != null) {
      side.freeSlot();
    }
    if (!gone) {
      gone = true;
      owner.gone(this);
    }
    if (side != null) {
      side.lost();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext c) {
    worker.remove(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext c, Throwable t) {
    c.close(); // channelInactive tells the client
  }

  @Override
  public void flushNow() {
    ctx().flush();
  }

  @Override
  public void drain() {
    if (now == null) {
      ctx().close();
    }
  }

  @Override
  public void sweep(long nowNanos) {
    if (now == null && (life.isIdle(nowNanos - idleSinceNanos) || isAged(nowNanos))) {
      ctx().close();
    }
  }

  private boolean isAged(long nowNanos) {
    return life.isAged(nowNanos - bornNanos);
  }

  /** Has the request sent again that has no answer yet, if its owner lets it. */
  public void resendUnanswered() {
    H1Side side = now;
    StreamEnd client = side == null ? null : side.peer();
    if (side != null && client != null && side.resend(client, owner, Failure.SILENT)) {
      ctx().close();
    }
  }

  /** The one exchange under way. */
  private final class H1Side extends ResendableEnd {
    private boolean chunked;
    private boolean isHead;
    private boolean interim;
    private boolean keep;
    private boolean bodyless;
    private boolean answering;

    H1Side() {
      super(Http1UpstreamConnection.this.worker);
    }

    // ---- the peer to the wire

    @Override
    public void head(Http2Headers h, boolean end) {
      HttpRequest r = Heads.request(h, end);
      isHead = r.method().equals(HttpMethod.HEAD);
      responses.answersHead(isHead);
      chunked = r.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
      remember(h);
      headSent = true;
      outEnd = end;
      owner.sent();
      sentOn(ctx().channel());
      ctx().write(r, ctx().voidPromise());
      worker.touch(flush, HEAD_WRITE);
    }

    @Override
    public void data(ByteBuf bytes, boolean end) {
      int n = bytes.readableBytes();
      if (end) {
        outEnd = true;
      }
      ChannelPromise written =
          hold(bytes) ? ctx().newPromise() : new CreditOnWrite(ctx(), this, peer, n);
      ctx().write(end ? new DefaultLastHttpContent(bytes) : new DefaultHttpContent(bytes), written);
      worker.touch(flush, n);
    }

    @Override
    public void trailers(Http2Headers t) {
      forget();
      outEnd = true;
      ctx().write(chunked ? Heads.last(t) : LastHttpContent.EMPTY_LAST_CONTENT);
      worker.touch(flush, SMALL_WRITE);
    }

    @Override
    public void reset(long code) {
      unlink();
      forget();
      if (now == this) {
        ctx().close(); // HTTP/1.1 has no other way to say it
      }
    }

    @Override
    public void abort() {
      reset(CANCEL);
    }

    // ---- the wire to the peer

    private void read(HttpObject m) {
      if (m.decoderResult().isFailure()) {
        ReferenceCountUtil.release(m);
        ctx().close();
      } else if (m instanceof HttpResponse r) {
        readHead(r);
      } else {
        readBody((HttpContent) m);
      }
    }

    private void readHead(HttpResponse r) {
      answering = true;
      int code = r.status().code();
      interim = code < 200;
      if (interim) {
        if (code == 101) {
          ctx().close(); // nobody asked to switch
        } else if (peer != null) {
          peer.interim(Heads.response(r));
        }
        return;
      }
      keep = HttpUtil.isKeepAlive(r) && !isAged(worker.nowNanos());
      bodyless = isHead || code == 204 || code == 304 || HttpUtil.getContentLength(r, -1L) == 0;
      Http2Headers head = Heads.response(r);
      StreamEnd client = peer;
      if (judge(AnswerCheck.ofHead(head, false))
          && client != null
          && resend(client, owner, Failure.BAD_ANSWER)) {
        return; // its body has no reader
      }
      forget();
      if (client != null) {
        client.head(head, bodyless);
      }
    }

    /** Whether it speaks against the server. */
    private boolean judge(AnswerCheck check) {
      slotAnswered(check == AnswerCheck.BAD);
      if (check == AnswerCheck.BAD) {
        owner.failed(Failure.BAD_ANSWER);
        return true;
      }
      owner.answered();
      return false;
    }

    private void readBody(HttpContent c) {
      boolean last = c instanceof LastHttpContent;
      if (last && !interim) {
        inEnd = true;
      }
      StreamEnd to = peer;
      if (interim || bodyless || to == null) {
        c.release();
      } else if (last && !((LastHttpContent) c).trailingHeaders().isEmpty()) {
        deliverLast(to, (LastHttpContent) c);
      } else {
        deliver(to, c.content(), last);
        if (unwrittenCost() >= CodecSettings.HTTP1_AHEAD) {
          ctx().channel().config().setAutoRead(false);
        }
      }
      if (last && interim) {
        interim = false;
      } else if (last) {
        finish();
      }
    }

    private void deliverLast(StreamEnd to, LastHttpContent c) {
      if (c.content().isReadable()) {
        deliver(to, c.content().retain(), false);
      }
      if (peer != null) {
        to.trailers(Heads.trailers(c.trailingHeaders()));
      }
      c.release();
    }

    @Override
    protected void credit(int n) {
      if (now == this
          && unwrittenCost() < CodecSettings.HTTP1_AHEAD / 2
          && !ctx().channel().config().isAutoRead()) {
        ctx().channel().config().setAutoRead(true);
      }
    }

    private void finish() {
      if (now != this) {
        return;
      }
      StreamEnd client = unlink();
      now = null;
      freeSlot();
      if (!outEnd) {
        keep = false; // answered early: the rest of the request has no reader
        if (client != null) {
          client.reset(NO_ERROR);
        }
      }
      if (!keep) {
        ctx().close();
        return;
      }
      if (!ctx().channel().config().isAutoRead()) {
        ctx().channel().config().setAutoRead(true);
      }
      reused = true;
      idleSinceNanos = worker.nowNanos();
      owner.idle(Http1UpstreamConnection.this);
    }

    private void lost() {
      StreamEnd client = unlink();
      Failure why = answering ? Failure.RESET : reused ? Failure.STALE : Failure.LOST;
      if (client != null) {
        owner.failed(why);
        if (answering || !resend(client, owner, why)) {
          client.fail(Exchange.upstreamLost());
        }
      }
      forget();
    }
  }
}
