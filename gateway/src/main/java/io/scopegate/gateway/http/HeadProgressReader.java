package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2HeadersDecoder;

/**
 * Netty's reader, which also tells whether a client has begun a head and not ended it: frames are
 * handed on when they are whole, so nobody else sees one that is not. It notes no times, which is
 * the business of who looks now and then.
 */
final class HeadProgressReader extends DefaultHttp2FrameReader {
  private static final int HEADER = Http2CodecUtil.FRAME_HEADER_LENGTH;
  private static final int TYPE = 3;
  private static final int FLAGS = 4;

  /** Of a frame whose header was read, and whose payload has not come. */
  private int awaited;

  /** Bytes that came and were not read: of that payload, or of a header. */
  private int kept;

  private byte type;
  private byte flags;

  /** HEADERS without END_HEADERS have come, and no end since. */
  private boolean blockOpen;

  private boolean payloadAwaited;
  private int frames;

  HeadProgressReader(Http2HeadersDecoder headers) {
    super(headers);
  }

  /** Whether a head has begun and not ended. */
  boolean isHeadOpen() {
    return blockOpen || payloadAwaited && isOfHead();
  }

  /** Frames that came, whole: the same number at two looks means that it is the same head. */
  int frames() {
    return frames;
  }

  /**
   * How many bytes of what comes next are whole frames, together with what has come of the first.
   *
   * @param next as many as came at once
   * @param most to stop at, unless the first frame is larger
   * @return all of them when the first frame ends later, and {@code most} when it is not known
   *     where it ends
   */
  int wholeFrames(ByteBuf next, int most) {
    if (!payloadAwaited && kept > 0) {
      return most;
    }
    int all = next.readableBytes();
    int end = payloadAwaited ? awaited - kept : 0;
    while (all - end >= HEADER) {
      int frame = HEADER + next.getUnsignedMedium(next.readerIndex() + end);
      if (end > 0 && end + frame > most) {
        return end;
      }
      end += frame;
    }
    return end > 0 && end <= all ? end : all;
  }

  private boolean isOfHead() {
    return type == Http2FrameTypes.HEADERS || type == Http2FrameTypes.CONTINUATION;
  }

  @Override
  public void readFrame(ChannelHandlerContext ctx, ByteBuf in, Http2FrameListener listener)
      throws Http2Exception {
    int from = in.readerIndex();
    try {
      super.readFrame(ctx, in, listener);
    } finally {
      follow(in, from);
    }
  }

  /** Goes over what was read: headers of frames, and payloads where they were whole. */
  private void follow(ByteBuf in, int from) {
    int at = from;
    int end = in.readerIndex();
    kept = in.readableBytes();
    if (payloadAwaited && end - at >= awaited && end > at) {
      at += awaited;
      frameEnds();
    }
    while (!payloadAwaited && end - at >= HEADER) {
      awaited = in.getUnsignedMedium(at);
      type = in.getByte(at + TYPE);
      flags = in.getByte(at + FLAGS);
      at += HEADER;
      if (end - at >= awaited) {
        at += awaited;
        frameEnds();
      } else {
        payloadAwaited = true;
      }
    }
  }

  private void frameEnds() {
    payloadAwaited = false;
    if (isOfHead()) {
      blockOpen = (flags & Http2Flags.END_HEADERS) == 0;
    }
    if (!blockOpen) {
      frames++;
    }
  }
}
