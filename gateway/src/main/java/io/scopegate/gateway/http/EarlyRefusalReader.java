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
import io.netty.handler.codec.http2.Http2Settings;
import org.jspecify.annotations.Nullable;

/**
 * Keeps calls that are refused {@link Early early} from becoming streams: their heads, and what
 * else comes on them, end here, with the bookkeeping that <a
 * href="https://datatracker.ietf.org/doc/html/rfc9113#section-5.1">RFC 9113 5.1</a> wants of it.
 * All other frames pass as if this were not there; without it every call goes the usual way.
 */
final class EarlyRefusalReader extends ListeningReader {
  private final Http2Connection connection;

  /** The calls that were refused early; made with the first of them. */
  private @Nullable EndedStreams refused;

  private int last;
  private @Nullable Early early;

  EarlyRefusalReader(Http2FrameReader reader, Http2Connection connection) {
    super(reader);
    this.connection = connection;
  }

  /** Answers calls without a stream. */
  interface Early {
    /** Whether a call that has a body was refused, answer and all. */
    boolean refuses(int id, Http2Headers head);

    /** So much of the body of such a call has come as may be sent ahead, and not its end. */
    void bodyGoesOn(int id);

    /** The client has reset such a call. */
    void resetComes();

    /** Settings of the client have come, and are acknowledged next. */
    void settingsCome();
  }

  /** Has this asked about each new call with a body. */
  void askFirst(Early who) {
    early = who;
  }

  @Override
  Http2FrameListener before(Http2FrameListener listener) {
    return new Keeping(listener);
  }

  /** The calls of which this stream is one; null when it is none. */
  private @Nullable EndedStreams early(int id) {
    EndedStreams calls = refused;
    return calls != null && id <= last && calls.knows(id) ? calls : null;
  }

  /** Whether HEADERS end here. */
  private boolean keeps(int id, Http2Headers head, boolean end) throws Http2Exception {
    EndedStreams calls = early(id);
    if (calls != null) {
      trailers(calls, id, end);
      return true;
    }
    if (id <= last || id <= connection.remote().lastStreamCreated()) {
      checkOrder(id);
      return false;
    }
    Early first = early;
    if (first == null || end || (id & 1) == 0 || !first.refuses(id, head)) {
      return false;
    }
    begin(id);
    return true;
  }

  private static void trailers(EndedStreams calls, int id, boolean end) throws Http2Exception {
    if (calls.isEnded(id)) {
      throw Http2Exception.connectionError(
          Http2Error.STREAM_CLOSED, "HEADERS on stream %d after its end", id);
    }
    if (end) {
      calls.end(id);
    }
  }

  /** A stream may not be opened after a call that was refused early and came after it. */
  private void checkOrder(int id) throws Http2Exception {
    boolean opens = id > connection.remote().lastStreamCreated();
    if (opens && (id & 1) == 1 && EndedStreams.isRecent(id, last)) {
      throw Http2Exception.connectionError(
          Http2Error.PROTOCOL_ERROR, "stream %d opened after stream %d", id, last);
    }
  }

  private void begin(int id) {
    EndedStreams calls = refused;
    if (calls == null) {
      calls = new EndedStreams();
      refused = calls;
    }
    calls.begin(id);
    last = id;
  }

  /** A part of the body of such a call, which nobody reads. */
  private void drop(EndedStreams calls, int id, int bytes, boolean end) throws Http2Exception {
    if (!calls.isOpen(id)) {
      throw Http2Exception.connectionError(
          Http2Error.STREAM_CLOSED, "DATA on stream %d after its end", id);
    }
    if (!calls.mayBeLate(bytes)) {
      throw Http2Exception.connectionError(
          Http2Error.FLOW_CONTROL_ERROR, "DATA on stream %d beyond its window", id);
    }
    calls.late(bytes);
    if (end) {
      calls.end(id);
    }
  }

  /** Most bodies come in one piece. */
  private void countBody(EndedStreams calls, int id, int bytes) {
    int before = calls.add(id, bytes);
    if (early != null
        && before < CodecSettings.NARROW_STREAM_WINDOW
        && before + bytes >= CodecSettings.NARROW_STREAM_WINDOW) {
      early.bodyGoesOn(id);
    }
  }

  private final class Keeping extends Http2FrameListenerDecorator {
    Keeping(Http2FrameListener listener) {
      super(listener);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end)
        throws Http2Exception {
      if (!keeps(id, headers, end)) {
        super.onHeadersRead(ctx, id, headers, padding, end);
      }
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
      if (!keeps(id, headers, end)) {
        super.onHeadersRead(ctx, id, headers, dependency, weight, exclusive, padding, end);
      }
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      EndedStreams calls = early(id);
      if (calls == null) {
        return super.onDataRead(ctx, id, data, padding, end);
      }
      int bytes = data.readableBytes() + padding;
      drop(calls, id, bytes, end);
      // without a stream it is credited to the connection at once
      connection.local().flowController().receiveFlowControlledFrame(null, data, padding, end);
      if (!end) {
        countBody(calls, id, bytes);
      }
      return bytes;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long code)
        throws Http2Exception {
      EndedStreams calls = early(id);
      if (calls == null) {
        super.onRstStreamRead(ctx, id, code);
      } else {
        calls.reset(id);
        if (early != null) {
          early.resetComes();
        }
      }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
        throws Http2Exception {
      if (early != null) {
        early.settingsCome();
      }
      super.onSettingsRead(ctx, settings);
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int increment)
        throws Http2Exception {
      if (early(id) == null) {
        super.onWindowUpdateRead(ctx, id, increment);
      }
    }
  }
}
