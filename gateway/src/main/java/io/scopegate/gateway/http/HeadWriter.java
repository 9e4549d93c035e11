package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;

/**
 * Writes a head into one buffer, frame headers included: Netty's own makes two buffers and two
 * promises of it, which is a good part of what a small answer costs.
 */
final class HeadWriter extends DefaultHttp2FrameWriter {
  /** Room for nearly every head. */
  private static final int USUAL_BYTES = 512;

  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;

  private final Http2HeadersEncoder encoder;

  private HeadWriter(Http2HeadersEncoder encoder) {
    super(encoder);
    this.encoder = encoder;
  }

  /** For one connection, of which so many heads are remembered. */
  static HeadWriter create(int heads) {
    return new HeadWriter(new HeadEncoder(heads));
  }

  @Override
  public ChannelFuture writeHeaders(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers head,
      int padding,
      boolean end,
      ChannelPromise promise) {
    if (padding > 0) {
      return super.writeHeaders(ctx, id, head, padding, end, promise);
    }
    ByteBuf frames = ctx.alloc().buffer(USUAL_BYTES);
    try {
      frames.writerIndex(Http2CodecUtil.FRAME_HEADER_LENGTH);
      encoder.encodeHeaders(id, head, frames);
    } catch (Http2Exception | RuntimeException e) {
      frames.release();
      return promise.setFailure(e);
    }
    return ctx.write(framed(frames, id, end ? END_STREAM : 0), promise);
  }

  /** A block with room for a frame header before it, as one frame or as several. */
  private ByteBuf framed(ByteBuf block, int id, int flags) {
    int length = block.readableBytes() - Http2CodecUtil.FRAME_HEADER_LENGTH;
    int most = maxFrameSize();
    if (length <= most) {
      frameHeader(block, 0, length, Http2FrameTypes.HEADERS, flags | END_HEADERS, id);
      return block;
    }
    int frames = (length + most - 1) / most;
    ByteBuf all = block.alloc().buffer(length + frames * Http2CodecUtil.FRAME_HEADER_LENGTH);
    block.skipBytes(Http2CodecUtil.FRAME_HEADER_LENGTH);
    while (block.isReadable()) {
      boolean first = all.writerIndex() == 0;
      int n = Math.min(most, block.readableBytes());
      int at = all.writerIndex();
      all.writerIndex(at + Http2CodecUtil.FRAME_HEADER_LENGTH).writeBytes(block, n);
      byte type = first ? Http2FrameTypes.HEADERS : Http2FrameTypes.CONTINUATION;
      int last = block.isReadable() ? 0 : END_HEADERS;
      frameHeader(all, at, n, type, first ? flags : last, id);
    }
    block.release();
    return all;
  }

  private static void frameHeader(ByteBuf to, int at, int length, byte type, int flags, int id) {
    to.setMedium(at, length);
    to.setByte(at + 3, type);
    to.setByte(at + 4, flags);
    to.setInt(at + 5, id);
  }
}
