package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.AsciiString;

/**
 * Writes a head into one buffer, frame headers included: Netty's own makes two buffers and two
 * promises of it, which is a good part of what a small answer costs. And it keeps out of the
 * dynamic table what differs from one message to the next: each such field would push out one that
 * comes again (<a href="https://datatracker.ietf.org/doc/html/rfc7541#section-4.4">RFC 7541
 * 4.4</a>).
 */
final class HeadWriter extends DefaultHttp2FrameWriter {
  /** Room for nearly every head. */
  private static final int USUAL_BYTES = 512;

  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;

  /** What is remembered of our heads for a client, whatever more it would take. */
  private static final long MOST_TABLE_BYTES = Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE;

  private final Http2HeadersEncoder encoder;

  private HeadWriter(Http2HeadersEncoder encoder) {
    super(encoder);
    this.encoder = encoder;
  }

  /** For one connection. */
  static HeadWriter create() {
    return new HeadWriter(new BoundedEncoder());
  }

  /** The size of its table is a client's wish: the memory is ours. */
  private static final class BoundedEncoder extends DefaultHttp2HeadersEncoder {
    BoundedEncoder() {
      super((name, value) -> changes(name));
    }

    @Override
    public void maxHeaderTableSize(long max) throws Http2Exception {
      super.maxHeaderTableSize(Math.min(max, MOST_TABLE_BYTES));
    }
  }

  /** Whether a field has another value each time. */
  private static boolean changes(CharSequence name) {
    return switch (name.length()) {
      case 11 -> AsciiString.contentEquals("traceparent", name);
      case 12 ->
          AsciiString.contentEquals("x-request-id", name)
              || AsciiString.contentEquals("grpc-message", name)
              || AsciiString.contentEquals("grpc-timeout", name);
      case 14 -> AsciiString.contentEquals("content-length", name);
      case 23 -> AsciiString.contentEquals("grpc-status-details-bin", name);
      default -> false;
    };
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
