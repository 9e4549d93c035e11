package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.telemetry.RequestRecord;
import org.jspecify.annotations.Nullable;

/**
 * Refuses the calls of a connection whose last call was over a rate, or lacked a credential or a
 * right, for as long as that goes on: without a stream and an exchange, by bytes that were encoded
 * before, all those of one read in one buffer. Such a client is to cost next to nothing, and that
 * is nearly all that a small request costs besides its own bytes.
 *
 * <p>The first call that is let through, or that has to be asked about, goes the usual way, and so
 * do those after it until one is refused there. So do the calls of a client that does not read its
 * answers, because the number of streams is bounded there.
 */
final class EarlyRefusals implements EarlyRefusalReader.Early, RefusalFrames.Owner {
  private static final byte FLAGS = 0x4 | 0x1; // END_HEADERS, END_STREAM
  private static final int RST_BYTES = Integer.BYTES;

  /** Answers to what is read in one go, about twenty. */
  private static final int MOST_BEFORE_LET_IN = 6 << 10;

  /** What stands before an id: a name that is never indexed. */
  private static final byte[] ID_NAME = idName();

  private final Http2ServerConnection connection;
  private final RequestHandler handler;
  private final ConnectionContext about;
  private final ConnectionDecisionCache memo;
  private boolean on;
  private boolean narrow;
  private long lastNanos;

  /** Of answers that were written before it was let in and that the socket has not taken. */
  private int waitingBytes;

  private @Nullable RefusalFrames frames;

  EarlyRefusals(
      Http2ServerConnection connection,
      RequestHandler handler,
      ConnectionContext about,
      ConnectionDecisionCache memo) {
    this.connection = connection;
    this.handler = handler;
    this.about = about;
    this.memo = memo;
  }

  private static byte[] idName() {
    byte[] field = new byte[2 + Answers.REQUEST_ID.length()];
    field[0] = 0x10;
    field[1] = (byte) Answers.REQUEST_ID.length();
    System.arraycopy(Answers.REQUEST_ID.toByteArray(), 0, field, 2, field.length - 2);
    return field;
  }

  /** A call went the usual way: whether the next one is worth a try. */
  void saw(Exchange x) {
    Refusal refusal = x.record.refusal;
    on =
        refusal != null
            && (refusal.reason() == Refusal.Reason.LIMITED || refusal.reason().isOfAccess())
            && x.dialect() == Dialect.GRPC
            && x.ingest();
  }

  @Override
  public boolean refuses(int id, Http2Headers head) {
    if (!on) {
      return false;
    }
    on = !connection.draining() && mayAnswerMore();
    RequestRecord record = on ? handler.refuseAgain(head, memo, about) : null;
    if (record == null || record.refusal == null) {
      on = false;
      return false;
    }
    EncodedRefusals.Encoded answer = EncodedRefusals.ofThisLoop().of(record.refusal);
    write(id, answer.block(), record.requestId());
    lastNanos = connection.worker.nowNanos();
    about.client().standing().refused(record.tenant, lastNanos);
    record.status = answer.status();
    record.grpcStatus = answer.grpcStatus();
    record.endNanos = System.nanoTime();
    about.telemetry().finished(record);
    return true;
  }

  /**
   * Whether one more answer may wait for its client to read it. One that was never let in has to
   * have read all that came before, and what all of them have not read is bounded together.
   */
  private boolean mayAnswerMore() {
    return isLetIn()
        ? connection.ctx().channel().isWritable()
        : waitingBytes == 0
            && frames().length(this) < MOST_BEFORE_LET_IN
            && !connection.worker.budget.isUnreadHalfSpent();
  }

  private boolean isLetIn() {
    return about.client().standing().isLetIn();
  }

  /** An id has at most 64 characters, so that its length is one byte. */
  private void write(int id, byte[] block, String requestId) {
    RefusalFrames out = frames();
    int length = block.length + ID_NAME.length + 1 + requestId.length();
    out.frame(this, length, Http2FrameTypes.HEADERS, FLAGS, id);
    out.put(block).put(ID_NAME).put(requestId.length()).put(requestId);
  }

  private RefusalFrames frames() {
    RefusalFrames known = frames;
    if (known == null) {
      known = RefusalFrames.ofThisLoop();
      frames = known;
    }
    return known;
  }

  /**
   * A small body is under way before its client has the answer. Who sends a large one is told to
   * stop, and less may be sent ahead on this connection from now on.
   */
  @Override
  public void bodyGoesOn(int id) {
    RefusalFrames out = frames();
    out.frame(this, RST_BYTES, Http2FrameTypes.RST_STREAM, 0, id);
    out.putInt((int) Http2Error.NO_ERROR.code());
    if (!narrow) {
      narrow = true;
      window(CodecSettings.NARROW_STREAM_WINDOW);
    }
  }

  /** Resets of a client that was never let in are counted, which the usual way does. */
  @Override
  public void resetComes() {
    on = on && isLetIn();
  }

  /**
   * The settings may change the size of the table of our header fields, which the next block after
   * their acknowledgement has to say (<a
   * href="https://datatracker.ietf.org/doc/html/rfc7541#section-4.2">RFC 7541 4.2</a>): what was
   * written goes out before it, and the next call its usual way.
   */
  @Override
  public void settingsCome() {
    writeOut();
    on = false;
  }

  /** Whether calls that are let through need more than their streams were opened with. */
  boolean narrow() {
    return narrow;
  }

  /** It is some time since the last of them. */
  void sweep(long nowNanos) {
    if (narrow && nowNanos - lastNanos > CodecSettings.NARROW_NANOS) {
      narrow = false;
      window(CodecSettings.CLIENT_STREAM_WINDOW);
      connection.ctx().flush();
    }
  }

  private void window(int bytes) {
    ChannelHandlerContext ctx = connection.ctx();
    Http2Settings settings = new Http2Settings().initialWindowSize(bytes);
    connection.encoder().writeSettings(ctx, settings, ctx.newPromise());
  }

  /** Hands on what was written since the last time; somebody else flushes. */
  @Override
  public void writeOut() {
    ByteBuf out = frames == null ? null : frames.take(this, connection.ctx().alloc());
    if (out == null) {
      return;
    }
    if (isLetIn()) {
      connection.ctx().write(out);
      return;
    }
    int n = out.readableBytes();
    waitingBytes += n;
    connection.worker.budget.queue(n);
    connection.ctx().write(out).addListener(written -> written(n));
  }

  private void written(int n) {
    waitingBytes -= n;
    connection.worker.budget.unqueue(n);
  }

  /** Drops what was written: the connection is gone. */
  void close() {
    if (frames != null) {
      frames.drop(this);
    }
    on = false;
  }
}
