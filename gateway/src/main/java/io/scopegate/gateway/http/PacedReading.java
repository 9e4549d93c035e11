package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.ConnectionStanding;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.ReadTurns;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the codec of a client's connection and decides whether what came is read at once or
 * in its turn, see {@link ReadTurns}. At once: what comes from a client that was let in and is not
 * refused, and the first of what a new client sends. While {@value #MOST_READS} reads of the socket
 * wait here, or {@value #MOST_FULL_READS} that are not small of a client that was not let in, or
 * one that is left after a turn, no more is read from it: most of what waits is taken in the same
 * pass of the loop, and telling the kernel twice costs as much as a refusal.
 *
 * <pre>
 *              refused, or new and costly
 *   AT ONCE ───────────────────────────────► WAITING ◄────────────┐
 *      ▲                                        │                 │ the codec takes more
 *      │ nothing is left                        │ the codec takes │
 *      ├────────────────────────────────────────┤ no more         │
 *      │                                        └──────────► HELD BY THE CODEC
 * </pre>
 */
public final class PacedReading extends ChannelDuplexHandler implements ReadTurns.Reader {
  /** What a new client may send at a time without having to wait for its turn. */
  private static final int FREE_BYTES = 2 << 10;

  /** What a client may cost, before it is let in, without having to wait for its turn. */
  private static final long FREE_NANOS = 1_000_000;

  /** How many reads may wait. */
  private static final int MOST_READS = 2;

  /**
   * Of a client that was not let in, of which little is read at once: half a usual read in all.
   * They must be half full, or their buffers are more than what is charged for them.
   */
  private static final int MOST_FULL_READS = 8;

  private final LoopContext worker;
  private final ConnectionStanding standing;
  private final Object network;
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(0);
  private final PieceSize size = new PieceSize();
  private Cut cut = (bytes, most) -> most;
  private @Nullable ChannelHandlerContext context;
  private boolean wanted = true;
  private boolean queued;
  private long spentNanos;

  /** Where the codec takes bytes without having to keep some of them. */
  interface Cut {
    /**
     * How many of these bytes are the next piece.
     *
     * @param most what it should not exceed where messages allow it; at least 1
     */
    int bytes(ByteBuf bytes, int most);
  }

  /** For a connection of this client. */
  public PacedReading(LoopContext worker, ClientInfo client) {
    this.worker = worker;
    this.standing = client.standing();
    this.network = client.network();
  }

  /** Whether the codec of this channel takes more; without pacing the channel is told itself. */
  static void want(Channel channel, @Nullable PacedReading pacing, boolean on) {
    if (pacing != null) {
      pacing.want(on);
    } else if (channel.config().isAutoRead() != on) {
      channel.config().setAutoRead(on);
    }
  }

  private void want(boolean on) {
    wanted = on;
    if (on && !waiting.isEmpty()) {
      enqueue();
    } else {
      readOn();
    }
  }

  /** Pieces end where the codec says, instead of anywhere. */
  void cutBy(Cut codec) {
    cut = codec;
  }

  /** Bytes that wait for their turn. */
  int waitingBytes() {
    return waiting.stream().mapToInt(ByteBuf::readableBytes).sum();
  }

  private ChannelHandlerContext ctx() {
    if (context == null) {
      throw new IllegalStateException("context: null (expected: handlerAdded was called)");
    }
    return context;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    context = c;
  }

  @Override
  public void channelRead(ChannelHandlerContext c, Object msg) {
    if (!(msg instanceof ByteBuf bytes) || waiting.isEmpty() && isAtOnce(bytes)) {
      handOn(c, msg);
    } else if (worker.budget.delay(bytes.readableBytes())) {
      waiting.add(bytes);
      boolean isFull = !standing.isLetIn() && bytes.readableBytes() >= FREE_BYTES;
      if (waiting.size() >= (isFull ? MOST_FULL_READS : MOST_READS)) {
        c.channel().config().setAutoRead(false);
      }
      enqueue();
    } else {
      drainAtOnce(c);
      handOn(c, msg);
    }
  }

  private boolean isAtOnce(ByteBuf bytes) {
    return standing.isLetIn()
        ? isGood()
        : spentNanos < FREE_NANOS && bytes.readableBytes() <= FREE_BYTES;
  }

  private boolean isGood() {
    return standing.isLetIn() && !standing.isRefused(worker.nowNanos());
  }

  private void handOn(ChannelHandlerContext c, Object msg) {
    if (standing.isLetIn()) {
      c.fireChannelRead(msg);
      return;
    }
    long begun = worker.turns.nanoTime();
    c.fireChannelRead(msg);
    spentNanos += worker.turns.nanoTime() - begun;
  }

  /** There is no memory for more that waits. */
  private void drainAtOnce(ChannelHandlerContext c) {
    for (ByteBuf next; (next = waiting.poll()) != null; ) {
      worker.budget.delayEnded(next.readableBytes());
      c.fireChannelRead(next);
    }
    readOn();
  }

  private void enqueue() {
    if (!queued && wanted) {
      queued = true;
      String tenant = standing.refusedTenant();
      worker.turns.add(standing.isLetIn() && !tenant.isEmpty() ? tenant : network, this);
    }
  }

  @Override
  public boolean read(long untilNanos) {
    queued = false;
    if (waiting.isEmpty() || !wanted) {
      return false;
    }
    long now = worker.turns.nanoTime();
    do {
      long begun = now;
      ctx().fireChannelRead(piece());
      now = worker.turns.nanoTime();
      size.took(now - begun);
    } while (!waiting.isEmpty() && wanted && now - untilNanos < 0);
    ctx().fireChannelReadComplete();
    readOn();
    if (queued) {
      return false; // the codec stopped and went on meanwhile: it has a place already
    }
    queued = wanted && !waiting.isEmpty();
    return queued;
  }

  private ByteBuf piece() {
    ByteBuf first = waiting.element();
    int all = first.readableBytes();
    int n = isGood() || all <= size.bytes() ? all : Math.min(all, cut.bytes(first, size.bytes()));
    worker.budget.delayEnded(n);
    return n == all ? waiting.remove() : first.readRetainedSlice(n);
  }

  private void readOn() {
    boolean on = wanted && waiting.isEmpty();
    if (ctx().channel().config().isAutoRead() != on) {
      ctx().channel().config().setAutoRead(on);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext c) {
    if (waiting.isEmpty()) {
      c.fireChannelReadComplete();
    }
  }

  /** A codec with half a message would read on, although the rest of it may wait here. */
  @Override
  public void read(ChannelHandlerContext c) {
    if (waiting.isEmpty()) {
      c.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext c) {
    drop();
    c.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext c) {
    drop();
  }

  private void drop() {
    for (ByteBuf next; (next = waiting.poll()) != null; ) {
      worker.budget.delayEnded(next.readableBytes());
      next.release();
    }
  }
}
