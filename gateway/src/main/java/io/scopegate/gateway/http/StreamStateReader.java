package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Tells HEADERS on a stream that its client has ended from those on one that we reset. Netty
 * answers all of them with a stream error; <a
 * href="https://datatracker.ietf.org/doc/html/rfc9113#section-5.1">RFC 9113 5.1</a> wants
 * connection errors where the client contradicts itself, and lets frames pass that were under way
 * when we reset the stream. DATA of such a stream is dropped, up to what its client may have sent
 * ahead: to Netty each such frame is an error to count, and a client whose large requests are
 * refused would soon have made too many.
 */
final class StreamStateReader extends ListeningReader {
  private final Http2Connection connection;
  private final EndedStreams streams = new EndedStreams();

  StreamStateReader(Http2FrameReader reader, Http2Connection connection) {
    super(reader);
    this.connection = connection;
  }

  @Override
  Http2FrameListener before(Http2FrameListener listener) {
    return new Checking(listener);
  }

  private void check(int id, boolean end) throws Http2Exception {
    Http2Stream stream = connection.stream(id);
    if (stream == null) {
      checkUnknown(id);
    } else if (stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE) {
      throw Http2Exception.streamError(
          id, Http2Error.STREAM_CLOSED, "HEADERS on stream %d after END_STREAM", id);
    }
    if (!streams.knows(id)) {
      streams.begin(id);
    }
    if (end) {
      streams.end(id);
    }
  }

  private void checkUnknown(int id) throws Http2Exception {
    if (streams.isEnded(id)) {
      throw Http2Exception.connectionError(
          Http2Error.STREAM_CLOSED, "HEADERS on stream %d after its end", id);
    }
    if (streams.knows(id)) {
      return; // one that we reset: Netty refuses just the frame
    }
    int last = connection.remote().lastStreamCreated();
    if ((id & 1) == 1 && id < last && EndedStreams.isRecent(id, last)) {
      throw Http2Exception.connectionError(
          Http2Error.PROTOCOL_ERROR, "stream %d opened after stream %d", id, last);
    }
  }

  /** Whether DATA was under way when we reset its stream. */
  private boolean isLate(int id, int bytes) {
    return connection.stream(id) == null && streams.isOpen(id) && streams.mayBeLate(bytes);
  }

  private final class Checking extends Http2FrameListenerDecorator {
    Checking(Http2FrameListener listener) {
      super(listener);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end)
        throws Http2Exception {
      check(id, end);
      super.onHeadersRead(ctx, id, headers, padding, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int id,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end)
        throws Http2Exception {
      check(id, end);
      super.onHeadersRead(ctx, id, headers, dependency, weight, exclusive, padding, end);
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      int bytes = data.readableBytes() + padding;
      boolean late = isLate(id, bytes);
      if (end) {
        streams.end(id);
      }
      if (!late) {
        return super.onDataRead(ctx, id, data, padding, end);
      }
      streams.late(bytes);
      // without a stream it is credited to the connection at once
      connection.local().flowController().receiveFlowControlledFrame(null, data, padding, end);
      return bytes;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long code)
        throws Http2Exception {
      streams.reset(id);
      super.onRstStreamRead(ctx, id, code);
    }
  }
}
