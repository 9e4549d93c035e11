package io.scopegate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.answer.Refusal;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for an upstream's end that is not there yet: while a decision is pending, a connection
 * is made or a stream limit is reached. It gives no credit, so what it holds of a body is bounded
 * by what the client may send ahead. An ordinary head is paid for by the request's place among
 * those under way; what goes beyond is charged like a body, as hundreds of fields cost far more
 * here than on the wire.
 */
public final class PendingEnd extends StreamEnd {
  private final ArrayDeque<ByteBuf> body = new ArrayDeque<>(2);
  private @Nullable Http2Headers head;
  private @Nullable Http2Headers trailers;
  private @Nullable StreamEnd source; // gets the credit for what is dropped
  private @Nullable Held held;
  private boolean end;
  private int parked;
  private int parkedPieces;
  private int fieldBytes;
  private int moves;
  private int failedAttempts;
  private long untilNanos;

  /** What to do when the whole body is there. */
  private record Held(int mostBytes, Consumer<@Nullable ByteBuf> then) {}

  /** A stand-in. */
  public PendingEnd(LoopContext loop) {
    super(loop);
  }

  @Override
  public void head(Http2Headers head, boolean end) {
    this.head = head;
    this.end = end;
    parkFields(head);
  }

  private void parkFields(Http2Headers fields) {
    StreamEnd client = peer;
    if (client == null) {
      return;
    }
    source = client;
    int n = NeutralHeads.heapBytes(fields) - HeapShares.HEAD_BYTES;
    if (n <= 0) {
      return;
    }
    fieldBytes += n;
    client.reserve(n);
    if (!loop.budget.park(n)) {
      client.fail(LoopContext.overloaded()); // resets this side, too
    }
  }

  @Override
  public void data(ByteBuf bytes, boolean end) {
    StreamEnd client = peer;
    source = client;
    body.add(bytes);
    this.end = end;
    int n = bytes.readableBytes();
    if (n > 0 && !park(n) && client != null) {
      client.fail(LoopContext.overloaded()); // resets this side, too
    } else {
      tellWhenWhole();
    }
  }

  private boolean park(int n) {
    parked += n;
    parkedPieces++;
    return loop.budget.park(n + HeapShares.PIECE_BYTES);
  }

  /**
   * Waits until the whole body is there. It must fit into what a client may send ahead, which is
   * less in many pieces.
   *
   * @param mostBytes how long it may be
   * @param then gets a view of it, or null when it is longer, or not whole after {@link
   *     #MANY_PIECES} pieces; not called when the client goes away
   */
  public void hold(int mostBytes, Consumer<@Nullable ByteBuf> then) {
    held = new Held(mostBytes, then);
    tellWhenWhole();
  }

  private void tellWhenWhole() {
    Held waits = held;
    if (waits == null || !end && parked < waits.mostBytes() && parkedPieces <= MANY_PIECES) {
      return;
    }
    held = null;
    if (parked > waits.mostBytes() || !end) {
      waits.then().accept(null);
      return;
    }
    ByteBuf[] pieces = new ByteBuf[body.size()];
    int i = 0;
    for (ByteBuf piece : body) {
      pieces[i++] = piece.retainedDuplicate();
    }
    ByteBuf whole = Unpooled.wrappedBuffer(pieces);
    try {
      waits.then().accept(whole);
    } finally {
      whole.release();
    }
  }

  @Override
  public void trailers(Http2Headers trailers) {
    this.trailers = trailers;
    end = true;
    parkFields(trailers);
    tellWhenWhole();
  }

  @Override
  protected void credit(int n) {
    throw new IllegalStateException("credit: " + n + " (expected: none, nothing was delivered)");
  }

  @Override
  public void reset(long code) {
    unlink();
    drop();
  }

  /** It waits for another connection from now on; says how often that has happened. */
  public int moved() {
    return ++moves;
  }

  /** From then on it has waited for too long. */
  public void waitsUntil(long nanos) {
    untilNanos = nanos;
  }

  /** Whether it has waited for too long; only after {@link #waitsUntil}. */
  public boolean isLate(long nowNanos) {
    return nowNanos - untilNanos >= 0;
  }

  /** An attempt to connect that it waited for has failed. */
  public void attemptFailed() {
    failedAttempts++;
  }

  /** How many attempts to connect that it waited for have failed. */
  public int failedAttempts() {
    return failedAttempts;
  }

  /** The client's end; null when it is gone. */
  public @Nullable StreamEnd client() {
    return peer;
  }

  /** Whether the client has gone meanwhile: nothing is to be done any more. */
  public boolean cancelled() {
    return peer == null;
  }

  /**
   * Has what came meanwhile measured, now that it is known by whom.
   *
   * @return whether it may go on; else the client has been told why not
   */
  public boolean measure(Exchange x) {
    int left = body.size();
    for (ByteBuf b : body) {
      if (!x.measured(b, end && --left == 0 && trailers == null)) {
        return false;
      }
    }
    return trailers == null || x.measured(Unpooled.EMPTY_BUFFER, true);
  }

  /** Hands everything that came meanwhile to the real end. Must not have been cancelled. */
  public void handOver(StreamEnd real) {
    StreamEnd client = Objects.requireNonNull(unlink(), "client");
    real.link(client);
    unpark();
    boolean only = body.isEmpty() && trailers == null;
    real.head(Objects.requireNonNull(head, "head"), end && only);
    for (ByteBuf b; (b = body.poll()) != null; ) {
      if (!real.linked()) {
        body.addFirst(b);
        drop();
        return;
      }
      real.data(b, end && body.isEmpty() && trailers == null);
    }
    if (trailers != null && real.linked()) {
      real.trailers(trailers);
    }
  }

  /** There will be no real end. */
  public void giveUp(Refusal why) {
    StreamEnd client = peer;
    if (client != null) {
      client.fail(why); // resets this side, too
    }
  }

  private void unpark() {
    loop.budget.unpark(parked + parkedPieces * HeapShares.PIECE_BYTES + fieldBytes);
    if (source != null) {
      source.reserve(-fieldBytes);
    }
    parked = 0;
    parkedPieces = 0;
    fieldBytes = 0;
  }

  @Override
  public void abort() {
    reset(CANCEL);
  }

  private void drop() {
    unpark();
    for (ByteBuf b; (b = body.poll()) != null; ) {
      int n = b.readableBytes();
      b.release();
      if (source != null) {
        source.written(n);
      }
    }
  }
}
