package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts requests out of what a client sends, one at a time: while its connection takes no more, the
 * bytes wait as they came. Decoded, a request takes some twenty times as much memory, and one read
 * may hold thousands.
 */
final class Http1RequestDecoder extends HttpRequestDecoder {
  /** What is done with the next bytes. */
  enum Next {
    DECODE,
    /** They wait until {@link #resume}. */
    WAIT,
    /** Nobody wants them any more. */
    DROP
  }

  /** Whose requests they are. All calls on the event loop. */
  interface Taker {
    /** What is to be done with the next bytes. */
    Next next();

    /** Bytes wait: no more should be read. */
    void inputWaits();
  }

  private @Nullable Taker taker;
  private @Nullable ChannelHandlerContext context;
  private boolean waits;

  Http1RequestDecoder(int maxHeaderBytes) {
    super(config(maxHeaderBytes));
  }

  static HttpDecoderConfig config(int maxHeaderBytes) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(maxHeaderBytes)
        .setMaxHeaderSize(maxHeaderBytes)
        .setHeadersFactory(FieldLimit.HTTP1)
        .setTrailersFactory(FieldLimit.HTTP1)
        .setMaxChunkSize(1 << 20) // the default slices bodies
        .setInitialBufferSize(256);
  }

  /** Whom it asks, before the first byte. */
  void decodeFor(Taker who) {
    taker = who;
  }

  /** Whether bytes wait. */
  boolean waits() {
    return waits;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    Next next = taker == null ? Next.DECODE : taker.next();
    if (next == Next.DECODE) {
      super.decode(ctx, in, out);
    } else if (next == Next.DROP) {
      in.skipBytes(in.readableBytes());
    } else if (!waits && taker != null) {
      waits = true;
      taker.inputWaits();
    }
  }

  /** Goes on with what waited, if anything did. */
  void resume() throws Exception {
    ChannelHandlerContext ctx = context;
    if (waits && ctx != null && !ctx.isRemoved()) {
      waits = false;
      channelRead(ctx, Unpooled.EMPTY_BUFFER);
      ctx.fireChannelReadComplete();
    }
  }

  /** Netty would read on although nothing is to be read: what waits came to nothing so far. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (waits) {
      discardSomeReadBytes();
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }
}
