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
import io.netty.handler.codec.http2.Http2Stream;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Tells HEADERS on a stream that its client has ended from those on one that we reset. Netty
 * answers all of them with a stream error; <a
 * href="https://datatracker.ietf.org/doc/html/rfc9113#section-5.1">RFC 9113 5.1</a> wants
 * connection errors where the client contradicts itself, and lets frames pass that were under way
 * when we reset the stream. DATA of such a stream is dropped, up to what its client may have sent
 * ahead: to Netty each such frame is an error to count, and a client whose large requests are
 * refused would soon have made too many. It remembers the last few thousand streams, and those of a
 * client that was never let in a few hundred; the tables grow with what is in them.
 *
 * <p>Calls that are refused {@link Early early} never become streams of Netty's; what else comes on
 * them ends here.
 */
final class StreamStateCheck implements Http2FrameReader {
  private static final int REMEMBERED = 4096; // a power of two

  /** The same of a client that was never let in. */
  private static final int REMEMBERED_OF_ANYBODY = 256;

  private static final int FIRST = 16;

  /** What a client may send on a stream before it hears that we reset it. */
  private static final int AHEAD = CodecSettings.CLIENT_STREAM_WINDOW + CodecSettings.WIDEN_BY;

  private static final long MOST_AHEAD = (long) REMEMBERED * AHEAD;

  private final Http2FrameReader reader;
  private final Http2Connection connection;
  private final ConnectionStanding client;
  private int[] ids = new int[FIRST];
  private BitSet resetByClient = new BitSet(FIRST);
  private BitSet refusedEarly = new BitSet(FIRST);

  /** No stream above this was forgotten. */
  private int forgotten;

  /** What may still come on streams that are gone. */
  private long mayBeLate;

  private @Nullable Early early;
  private int lastEarly;

  /** What came of the bodies of calls that were refused early; made with the first of them. */
  private int[] bodies = {};

  private @Nullable Http2FrameListener wrapped;
  private @Nullable Checking checking;

  /**
   * In front of a connection.
   *
   * @param client how its client stands
   */
  StreamStateCheck(Http2FrameReader reader, Http2Connection connection, ConnectionStanding client) {
    this.reader = reader;
    this.connection = connection;
    this.client = client;
  }

  /** Answers calls without a stream. */
  interface Early {
    /** Whether a call that has a body was refused, answer and all. */
    boolean refuses(int id, Http2Headers head);

    /** So much of the body of such a call has come as may be sent ahead, and not its end. */
    void bodyGoesOn(int id);

    /** Settings of the client have come, and are acknowledged next. */
    void settingsCome();
  }

  /** Has this asked about each new call with a body. */
  void askFirst(Early who) {
    early = who;
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
  private int slot(int id) {
    return (id >>> 1) & ids.length - 1;
  }

  private void check(int id, boolean end) throws Http2Exception {
    Http2Stream stream = connection.stream(id);
    if (stream == null) {
      checkUnknown(id, ids[slot(id)]);
    } else if (stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE) {
      throw Http2Exception.streamError(
          id, Http2Error.STREAM_CLOSED, "HEADERS on stream %d after END_STREAM", id);
    }
    if (!isRemembered(id)) {
      begin(id);
    }
    ids[slot(id)] = end ? -id : id;
  }

  private boolean isRemembered(int id) {
    return Math.abs(ids[slot(id)]) == id;
  }

  private void begin(int id) {
    while (ids[slot(id)] != 0 && ids.length < mostRemembered()) {
      grow();
    }
    forgotten = Math.max(forgotten, Math.abs(ids[slot(id)]));
    resetByClient.clear(slot(id));
    refusedEarly.clear(slot(id));
    mayBeLate = Math.min(mayBeLate + AHEAD, MOST_AHEAD);
  }

  private int mostRemembered() {
    return client.isLetIn() ? REMEMBERED : REMEMBERED_OF_ANYBODY;
  }

  /** Twice the room. */
  private void grow() {
    int[] before = ids;
    int[] bodiesBefore = bodies;
    BitSet resetBefore = resetByClient;
    BitSet refusedBefore = refusedEarly;
    int size = 2 * before.length;
    ids = new int[size];
    bodies = bodiesBefore.length == 0 ? bodiesBefore : new int[size];
    resetByClient = new BitSet(size);
    refusedEarly = new BitSet(size);
    for (int i = 0; i < before.length; i++) {
      int slot = slot(Math.abs(before[i]));
      if (before[i] != 0) {
        ids[slot] = before[i];
        resetByClient.set(slot, resetBefore.get(i));
        refusedEarly.set(slot, refusedBefore.get(i));
        if (bodies.length > 0) {
          bodies[slot] = bodiesBefore[i];
        }
      }
    }
  }

  private boolean isEarly(int id) {
    return lastEarly >= id && isRemembered(id) && refusedEarly.get(slot(id));
  }

  private int lastOpened() {
    return Math.max(lastEarly, connection.remote().lastStreamCreated());
  }

  /** Whether nothing more has to be done with HEADERS. */
  private boolean endsHere(int id, Http2Headers head, boolean end) throws Http2Exception {
    if (isEarly(id)) {
      checkUnknown(id, ids[slot(id)]);
      ids[slot(id)] = end ? -id : id;
      return true;
    }
    Early first = early;
    if (first == null || end || (id & 1) == 0 || id <= lastOpened() || !first.refuses(id, head)) {
      return false;
    }
    begin(id);
    ids[slot(id)] = id;
    refusedEarly.set(slot(id));
    lastEarly = id;
    if (bodies.length == 0) {
      bodies = new int[ids.length];
    }
    bodies[slot(id)] = 0;
    return true;
  }

  private void countBody(int id, int bytes, boolean end) {
    int before = bodies[slot(id)];
    bodies[slot(id)] = before + bytes;
    if (early != null
        && !end
        && before < CodecSettings.NARROW_STREAM_WINDOW
        && before + bytes >= CodecSettings.NARROW_STREAM_WINDOW) {
      early.bodyGoesOn(id);
    }
  }

  private void checkLate(int id, int bytes) throws Http2Exception {
    if (ids[slot(id)] != id || resetByClient.get(slot(id))) {
      throw Http2Exception.connectionError(
          Http2Error.STREAM_CLOSED, "DATA on stream %d after its end", id);
    }
    if (bytes > mayBeLate) {
      throw Http2Exception.connectionError(
          Http2Error.FLOW_CONTROL_ERROR, "DATA on stream %d beyond its window", id);
    }
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
    int last = lastOpened();
    if ((id & 1) == 1 && id < last && id > forgotten) {
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
      if (!endsHere(id, headers, end)) {
        check(id, end);
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
      if (!endsHere(id, headers, end)) {
        check(id, end);
        super.onHeadersRead(ctx, id, headers, dependency, weight, exclusive, padding, end);
      }
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      int bytes = data.readableBytes() + padding;
      boolean isEarly = isEarly(id);
      if (isEarly) {
        checkLate(id, bytes);
      }
      boolean late = isEarly || isLate(id, bytes);
      if (end && ids[slot(id)] == id) {
        ids[slot(id)] = -id;
      }
      if (late) {
        mayBeLate -= bytes;
        // without a stream it is credited to the connection at once
        connection.local().flowController().receiveFlowControlledFrame(null, data, padding, end);
        if (isEarly) {
          countBody(id, bytes, end);
        }
        return bytes;
      }
      return super.onDataRead(ctx, id, data, padding, end);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long code)
        throws Http2Exception {
      if (isRemembered(id)) {
        resetByClient.set(slot(id));
      }
      if (!isEarly(id)) {
        super.onRstStreamRead(ctx, id, code);
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
      if (id == 0 || !isEarly(id)) {
        super.onWindowUpdateRead(ctx, id, increment);
      }
    }
  }
}
