package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameReader;
import org.jspecify.annotations.Nullable;

/** A reader of frames with a listener of its own before the one that it is given. */
abstract class ListeningReader implements Http2FrameReader {
  private final Http2FrameReader reader;
  private @Nullable Http2FrameListener given;
  private @Nullable Http2FrameListener own;

  ListeningReader(Http2FrameReader reader) {
    this.reader = reader;
  }

  /** The listener that hears of frames first, and tells the other one. */
  abstract Http2FrameListener before(Http2FrameListener listener);

  @Override
  public final void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    Http2FrameListener first = own;
    if (first == null || given != listener) {
      first = before(listener);
      own = first;
      given = listener;
    }
    reader.readFrame(ctx, input, first);
  }

  @Override
  public final Configuration configuration() {
    return reader.configuration();
  }

  @Override
  public final void close() {
    reader.close();
  }
}
