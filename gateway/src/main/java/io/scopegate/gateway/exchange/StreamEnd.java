package io.scopegate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.answer.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * One end of an exchange: the neutral interface between the codecs. A codec hands what it reads to
 * its {@link #peer} and writes what it is given itself. Everything of an exchange happens on one
 * event loop.
 *
 * <p>A head is an {@link Http2Headers} with pseudo-headers first and lower-case names, without
 * hop-by-hop fields. Body bytes are credited back to the end that read them once the other end has
 * written them to its socket: that is the only back-pressure there is.
 */
public abstract class StreamEnd {
  public static final long NO_ERROR = Http2Error.NO_ERROR.code();
  static final long INTERNAL_ERROR = Http2Error.INTERNAL_ERROR.code();
  public static final long CANCEL = Http2Error.CANCEL.code();

  /** A body that waits in more pieces may be all objects and no bytes. */
  public static final int MANY_PIECES = 128;

  /** The event loop's own things. */
  protected final LoopContext loop;

  /** The other end; null when there is none any more. */
  protected @Nullable StreamEnd peer;

  /** The exchange, on the client's end; null on the upstream's. */
  protected @Nullable Exchange exchange;

  /** A head has been written to this end's wire. */
  protected boolean headSent;

  /** Everything that this end's wire sends has been read. */
  protected boolean inEnd;

  /** Everything that goes out on this end's wire has been written. */
  protected boolean outEnd;

  private @Nullable TenantMemoryShare share;
  private int unwritten;

  /**
   * Of what is unwritten: their objects may cost more than their bytes. One ends with each write;
   * where several were written as one, they count until all is written.
   */
  private int pieces;

  private int kept;
  private int reserved;
  private int postponed;

  public StreamEnd(LoopContext loop) {
    this.loop = loop;
  }

  /** Writes the head. */
  public abstract void head(Http2Headers head, boolean end);

  /** Writes an interim (1xx) response's head; upstream ends never get one. */
  public void interim(Http2Headers head) {}

  /** The request goes on: a client that waits for {@code 100 (Continue)} gets it. */
  public void proceed() {}

  /** Writes body bytes and takes ownership of the buffer. */
  public abstract void data(ByteBuf bytes, boolean end);

  /** Writes the trailers, which end this half. */
  public abstract void trailers(Http2Headers trailers);

  /**
   * The other end is gone: aborts this one with an <a
   * href="https://datatracker.ietf.org/doc/html/rfc9113#section-7">HTTP/2 error code</a>. No call
   * follows in either direction. {@code NO_ERROR} after a complete answer only means that nobody
   * reads the rest of the request.
   */
  public abstract void reset(long code);

  /** The peer has written n of the body bytes that this end delivered: read on. */
  protected abstract void credit(int n);

  /**
   * Cuts the wire's half of this exchange off, whatever is still queued: for a peer that does not
   * read. The exchange ends with it.
   */
  public abstract void abort();

  /** The client of this end leaves its answers unread: its connection is told so and closed. */
  protected void closeConnection() {
    abort();
  }

  /** The rest of a request that was answered has been read for long enough. */
  protected void lingered() {}

  /** The other end cannot go on: a client is told why, an upstream is cancelled. */
  public void fail(Refusal why) {
    Exchange x = exchange;
    if (x != null) {
      x.refuse(why);
    } else {
      reset(CANCEL);
    }
  }

  /** Joins two ends. */
  public final void link(StreamEnd other) {
    peer = other;
    other.peer = this;
    other.share(share);
    share(other.share);
  }

  /** Parts from the peer and returns it; null when it was parted already. */
  protected final @Nullable StreamEnd unlink() {
    StreamEnd p = peer;
    peer = null;
    if (p != null) {
      p.peer = null;
    }
    return p;
  }

  /** The other end; null when there is none any more. */
  public final @Nullable StreamEnd peer() {
    return peer;
  }

  /** The exchange, on the client's end; null on the upstream's. */
  public final @Nullable Exchange exchange() {
    return exchange;
  }

  /** The exchange that a request on an upstream's end belongs to, seen from its other end. */
  public @Nullable Exchange servedExchange() {
    return exchange;
  }

  /** The head of a request goes out on this connection: its span names the server. */
  protected final void sentOn(Channel connection) {
    StreamEnd from = peer;
    Exchange served = from == null ? null : from.servedExchange();
    if (served != null && served.record.trace != null) {
      served.record.server = connection.remoteAddress();
    }
  }

  /** Whether everything that this end's wire sends has been read. */
  public final boolean isReadToEnd() {
    return inEnd;
  }

  /** Whether the two ends are still joined. */
  public final boolean linked() {
    return peer != null;
  }

  /** Whether body bytes of this end wait to be written by the other one. */
  final boolean waitsForPeer() {
    return unwritten > kept || postponed > 0;
  }

  /** Bytes of this end that wait to be written by the other one. */
  public final int unwritten() {
    return unwritten;
  }

  /** What they cost: for each piece of them some bytes more than it has. */
  public final int unwrittenCost() {
    return unwritten + pieces * HeapShares.PIECE_BYTES;
  }

  /** In how many pieces they are. */
  public final int unwrittenPieces() {
    return pieces;
  }

  /** Hands body bytes to the peer, which must be there. */
  protected final void deliver(StreamEnd to, ByteBuf bytes, boolean end) {
    int n = bytes.readableBytes();
    if (n > 0) {
      unwritten += n;
      pieces++;
      hold(n + HeapShares.PIECE_BYTES);
    }
    to.progress();
    progress();
    if (to.exchange != null) {
      to.exchange.passes(bytes);
    }
    if (exchange != null && !exchange.received(bytes, end)) {
      bytes.release();
      written(n);
      return;
    }
    to.data(bytes, end);
    if (n > 0 && isTooMuch()) {
      loop.shed(this);
    }
  }

  /**
   * Whether there is no room for what this end brings, be it promised or not. A body in crumbs
   * costs far more than the bytes that were promised, and ends before others notice.
   */
  private boolean isTooMuch() {
    boolean crumbs = pieces > MANY_PIECES && unwritten < pieces * HeapShares.PIECE_BYTES;
    if (share == null) {
      return loop.budget.exhausted();
    }
    return (crumbs || loop.budget.exhausted()) && share.isGreedy();
  }

  private void hold(int n) {
    loop.budget.hold(n);
    if (share != null) {
      share.hold(n);
    }
  }

  private void release(int n) {
    loop.budget.release(n);
    if (share != null) {
      share.release(n);
    }
  }

  /** Takes memory besides body bytes, for the same tenant, or gives it back when n is negative. */
  final void reserve(int n) {
    reserved += n;
    hold(n);
  }

  /** Bytes of the gateway's own are to be written at this end. */
  final void queueOwn(int n) {
    loop.budget.queue(n);
    if (exchange != null) {
      exchange.context().unread().queue(n, loop.nowNanos());
    }
  }

  /** They have been written, or dropped. */
  final void unqueueOwn(int n) {
    loop.budget.unqueue(n);
    if (exchange != null) {
      exchange.context().unread().unqueue(n, loop.nowNanos());
    }
  }

  /** What this end holds counts as this tenant's, from now on. */
  final void share(@Nullable TenantMemoryShare with) {
    if (share == null && with != null) {
      share = with;
      with.hold(unwrittenCost() + reserved);
    }
  }

  /** The peer has written, or dropped, n of the bytes that this end delivered. */
  protected final void written(int n) {
    unwritten -= n;
    int ended = unwritten == 0 ? pieces : n > 0 && pieces > 1 ? 1 : 0;
    pieces -= ended;
    release(n + ended * HeapShares.PIECE_BYTES);
    progress();
    if (loop.budget.spent() || share != null && share.isGreedy()) {
      postponed += n;
      loop.postpone(this, n);
    } else {
      credit(n);
    }
  }

  /**
   * The peer has written n of the bytes that an end delivered, and keeps them, perhaps to write
   * them again: it gives the credit for them later, by {@link #settle}, or takes them back.
   */
  protected static void keep(StreamEnd from, int n) {
    from.kept += n;
  }

  /** Bytes that were kept are to be written again, by another end. */
  protected static void takeBack(StreamEnd from, int n) {
    from.kept -= n;
  }

  /** Bytes that were kept are not needed any more. */
  protected static void settle(StreamEnd from, int n) {
    from.kept -= n;
    from.written(n);
  }

  /** Whether there is memory again for what was written before. */
  final boolean mayBeCredited() {
    return share == null || !share.isGreedy();
  }

  /** Whose memory it uses; null for nobody's. */
  public final @Nullable TenantMemoryShare share() {
    return share;
  }

  /** There is memory again for what was written before. */
  final void creditPostponed(int n) {
    postponed -= n;
    credit(n);
  }

  /** Something moved: idle timeouts start again. */
  protected final void progress() {
    if (exchange != null) {
      exchange.progressNanos = loop.nowNanos();
    }
  }
}
