package io.scopegate.gateway.codec;

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
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Tells HEADERS on a stream that its client has ended from those on one that we reset. Netty
 * answers all of them with a stream error; <a
 * href="https://datatracker.ietf.org/doc/html/rfc9113#section-5.1">RFC 9113 5.1</a> wants
 * connection errors where the client contradicts itself, and lets frames pass that were under way
 * when we reset the stream. DATA of such a stream is dropped, up to what its client may have sent
 * ahead: to Netty each such frame is an error to count, and a client whose large requests are
 * refused would soon have made too many. It remembers the last few thousand streams.
 */
final class StreamStateCheck implements Http2FrameReader {
  private static final int REMEMBERED = 4096; // a power of two
  private static final int MASK = REMEMBERED - 1;

  /** What a client may send on a stream before it hears that we reset it. */
  private static final int AHEAD = CodecSettings.CLIENT_STREAM_WINDOW + CodecSettings.WIDEN_BY;

  private static final long MOST_AHEAD = (long) REMEMBERED * AHEAD;

  private final Http2FrameReader reader;
  private final Http2Connection connection;
  private final int[] ids = new int[REMEMBERED];
  private final BitSet resetByClient = new BitSet(REMEMBERED);

  /** What may still come on streams that are gone. */
  private long mayBeLate;

  private @Nullable Http2FrameListener wrapped;
  private @Nullable Checking checking;

  StreamStateCheck(Http2FrameReader reader, Http2Connection connection) {
    this.reader = reader;
    this.connection = connection;
  }

  @Override
  public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    Checking c = checking;
    if (c == null || wrapped != listener) {
      c = new Checking(listener);
      checking = c;
      wrapped = listener;
    }
    reader.readFrame(ctx, input, c);
  }

  @Override
  public Configuration configuration() {
    return reader.configuration();
  }

  @Override
  public void close() {
    reader.close();
  }

  /** Streams count 1, 3, 5; an ended one is remembered as the negative of its id. */
  private static int slot(int id) {
    return (id >>> 1) & MASK;
  }

  private void check(int id, boolean end) throws Http2Exception {
    Http2Stream stream = connection.stream(id);
    if (stream == null) {
      checkUnknown(id, ids[slot(id)]);
    } else if (stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE) {
      throw Http2Exception.streamError(
          id, Http2Error.STREAM_CLOSED, "HEADERS on stream %d after END_STREAM", id);
    }
    if (Math.abs(ids[slot(id)]) != id) {
      resetByClient.clear(slot(id));
      mayBeLate = Math.min(mayBeLate + AHEAD, MOST_AHEAD);
    }
    ids[slot(id)] = end ? -id : id;
  }

  /** Whether DATA was under way when we reset its stream. */
  private boolean isLate(int id, int bytes) {
    return connection.stream(id) == null
        && ids[slot(id)] == id
        && !resetByClient.get(slot(id))
        && bytes <= mayBeLate;
  }

  private void checkUnknown(int id, int seen) throws Http2Exception {
    if (seen == -id) {
      throw Http2Exception.connectionError(
          Http2Error.STREAM_CLOSED, "HEADERS on stream %d after its end", id);
    }
    if (seen == id) {
      return; // one that we reset: Netty refuses just the frame
    }
    int last = connection.remote().lastStreamCreated();
    if ((id & 1) == 1 && id < last && id > last - 2 * REMEMBERED) {
      throw Http2Exception.connectionError(
          Http2Error.PROTOCOL_ERROR, "stream %d opened after stream %d", id, last);
    }
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
      if (end && ids[slot(id)] == id) {
        ids[slot(id)] = -id;
      }
      if (late) {
        mayBeLate -= bytes;
        // without a stream it is credited to the connection at once
        connection.local().flowController().receiveFlowControlledFrame(null, data, padding, end);
        return bytes;
      }
      return super.onDataRead(ctx, id, data, padding, end);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long code)
        throws Http2Exception {
      if (Math.abs(ids[slot(id)]) == id) {
        resetByClient.set(slot(id));
      }
      super.onRstStreamRead(ctx, id, code);
    }
  }
}
