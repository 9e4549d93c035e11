package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.ReferenceCountUtil;
import io.scopegate.gateway.exchange.CreditOnWrite;
import io.scopegate.gateway.exchange.StreamEnd;
import org.jspecify.annotations.Nullable;

/**
 * Body bytes on their way to a stream's peer: what waits for the flow controller, the promise of
 * the write, the credit for it and the end of the stream in one object. Netty's own path makes
 * eight of them, for queues that merge what is written in pieces; here each piece is a frame that
 * somebody else has already made.
 */
final class BodyWrite extends CreditOnWrite implements Http2RemoteFlowController.FlowControlled {
  /**
   * A body that is shorter is cheaper to copy behind its frame's header than to write by itself.
   */
  private static final int MOST_COPIED = 2048;

  private static final int END_STREAM = 0x1;

  private final AbstractHttp2Connection connection;
  private final Http2Stream stream;
  private final boolean end;
  private @Nullable ByteBuf rest;
  private int size;
  private boolean closesStream;

  /** The stream is known to take no more: nobody needs to hear of the failure. */
  private boolean known;

  private BodyWrite(
      AbstractHttp2Connection connection,
      StreamEnd to,
      Http2Stream stream,
      @Nullable StreamEnd from,
      ByteBuf bytes,
      int credit,
      boolean end) {
    super(connection.ctx(), to, from, credit);
    this.connection = connection;
    this.stream = stream;
    this.end = end;
    rest = bytes;
    size = bytes.readableBytes();
    if (credit == 0) {
      addListener(this);
    }
  }

  /**
   * Bytes whose writing is credited.
   *
   * @param from the end that they came from; null when they are the gateway's own
   * @param bytes which it takes
   */
  static BodyWrite credited(
      AbstractHttp2Connection connection,
      StreamEnd to,
      Http2Stream stream,
      @Nullable StreamEnd from,
      ByteBuf bytes,
      boolean end) {
    return new BodyWrite(connection, to, stream, from, bytes, bytes.readableBytes(), end);
  }

  /** Bytes for which credit is given elsewhere. */
  static BodyWrite uncredited(
      AbstractHttp2Connection connection,
      StreamEnd to,
      Http2Stream stream,
      ByteBuf bytes,
      boolean end) {
    return new BodyWrite(connection, to, stream, null, bytes, 0, end);
  }

  /**
   * Waits for its turn. Fails, and drops the bytes, when the stream takes no more.
   *
   * @return the write's end
   */
  ChannelFuture queue() {
    switch (stream.state()) {
      case OPEN, HALF_CLOSED_REMOTE ->
          connection.encoder().flowController().addFlowControlled(stream, this);
      default -> {
        known = true;
        drop();
        tryFailure(new IllegalStateException("stream " + stream.id() + ": " + stream.state()));
      }
    }
    return this;
  }

  private void drop() {
    ByteBuf bytes = rest;
    rest = null;
    ReferenceCountUtil.safeRelease(bytes);
  }

  // ---- what the flow controller calls

  /** Bytes that still need a window. */
  @Override
  public int size() {
    return size;
  }

  @Override
  public void write(ChannelHandlerContext ctx, int allowed) {
    int most = connection.encoder().configuration().frameSizePolicy().maxFrameSize();
    int now = Math.min(size, allowed);
    while (rest != null && (now < size ? now > 0 : now > most)) {
      int n = Math.min(now, most);
      ChannelPromise written = ctx.newPromise();
      written.addListener(f -> pieceWritten(ctx, f.cause()));
      frame(ctx, stream.id(), rest.readRetainedSlice(n), 0, written);
      size -= n;
      now -= n;
    }
    ByteBuf last = rest;
    if (last == null) {
      size = 0; // it failed meanwhile
    } else if (now == size) {
      rest = null;
      size = 0;
      if (end || now > 0) {
        frame(ctx, stream.id(), last, end ? END_STREAM : 0, this);
      } else {
        ctx.write(last, this);
      }
    }
  }

  private void pieceWritten(ChannelHandlerContext ctx, @Nullable Throwable cause) {
    if (cause != null) {
      error(ctx, cause);
    }
  }

  private static void frame(
      ChannelHandlerContext ctx, int id, ByteBuf bytes, int flags, ChannelPromise promise) {
    int n = bytes.readableBytes();
    boolean together = n <= MOST_COPIED;
    ByteBuf header = ctx.alloc().buffer(Http2CodecUtil.FRAME_HEADER_LENGTH + (together ? n : 0));
    header.writeMedium(n).writeByte(Http2FrameTypes.DATA).writeByte(flags).writeInt(id);
    if (together) {
      bytes.readBytes(header, n); // the other way round makes two views of the memory
      bytes.release();
      ctx.write(header, promise);
    } else {
      ctx.write(header);
      ctx.write(bytes, promise);
    }
  }

  /** All of it is written, or at least handed on. */
  @Override
  public void writeComplete() {
    if (!end) {
      return;
    }
    switch (stream.state()) {
      case OPEN, HALF_CLOSED_LOCAL -> stream.closeLocalSide();
      default -> {
        if (isDone()) {
          connection.closeStream(stream, this);
        } else {
          closesStream = true;
        }
      }
    }
  }

  @Override
  public void error(@Nullable ChannelHandlerContext ctx, Throwable cause) {
    drop();
    tryFailure(cause);
  }

  @Override
  public boolean merge(ChannelHandlerContext ctx, Http2RemoteFlowController.FlowControlled next) {
    return false;
  }

  // ---- the end of the write

  @Override
  public void operationComplete(ChannelFuture done) {
    super.operationComplete(done);
    Throwable cause = done.cause();
    if (cause != null && !known) {
      connection.onError(connection.ctx(), true, cause);
    }
    if (closesStream) {
      connection.closeStream(stream, done);
    }
  }
}
