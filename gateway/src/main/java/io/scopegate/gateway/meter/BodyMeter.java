package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Measures one body while it passes in pieces: what it decodes to, which is what Tempo's own limits
 * count, and how many spans are in it. Pieces are read by absolute index between their reader and
 * writer index, and neither changed, copied nor kept. For one thread; no input makes it throw.
 *
 * <p>gzip, deflate, zstd and snappy are decoded, a scratch buffer at a time and never beyond the
 * bound. Of any other encoding (lz4) the bytes on the wire are counted, and no spans: {@link
 * #opaque}. Of JSON and Thrift their own bytes are counted; as protobuf, which Tempo counts, they
 * would be fewer.
 *
 * <p>What zstd or snappy does not say rightly, or not within the memory that there is for it, ends
 * with a {@link #flaw}, and must be refused: other decoders may read it. What was counted before
 * such a flaw in zstd depends on the pieces.
 *
 * <p>After {@link #exceeded} nothing more is looked at but the bytes on the wire, whatever they
 * are; the same holds once the compression or the framing turned out wrong. So a byte costs at most
 * what inflating it costs, and a body at most the bound.
 */
public final class BodyMeter implements AutoCloseable {
  private final Tally tally;
  private final Body body;
  private long wire;
  private boolean ended;

  private BodyMeter(Tally tally, Body body) {
    this.tally = tally;
    this.body = body;
  }

  /**
   * A meter of a body over HTTP.
   *
   * @param contentEncoding the {@code content-encoding}, all of them if there are several
   * @param contentLength the {@code content-length}; negative when there is none. A body that is
   *     not compressed and longer than the bound is {@link #exceeded} from the start
   * @param pool of the event loop
   */
  public static BodyMeter http(
      @Nullable CharSequence contentEncoding, long contentLength, Measure measure, MeterPool pool) {
    Tally tally = new Tally(measure);
    Coding coding = Coding.of(contentEncoding);
    return new BodyMeter(tally, new HttpBody(coding, contentLength, pool, tally));
  }

  /**
   * A meter of gRPC messages. The bound is one of each message: it is exceeded as soon as a prefix
   * says so. Decoded bytes and spans are those of all messages, without their prefixes.
   *
   * @param grpcEncoding the {@code grpc-encoding}
   * @param pool of the event loop
   */
  public static BodyMeter grpc(
      @Nullable CharSequence grpcEncoding, Measure measure, MeterPool pool) {
    Tally tally = new Tally(measure);
    return new BodyMeter(tally, new GrpcBody(Coding.of(grpcEncoding), pool, tally));
  }

  /**
   * Whether bodies in such an encoding are measured, over HTTP or gRPC.
   *
   * @param encoding the value of {@code content-encoding} or {@code grpc-encoding}
   */
  public static boolean measures(@Nullable CharSequence encoding) {
    return Coding.of(encoding) != Coding.UNKNOWN;
  }

  /**
   * Whether bodies in such an encoding are decoded to be measured, so that few bytes on the wire
   * may become many.
   *
   * @param encoding as of {@link #measures}
   */
  public static boolean decodes(@Nullable CharSequence encoding) {
    return Coding.of(encoding).isDecoded();
  }

  /** Loads what decoding needs, which no event loop should wait for. */
  public static void prepare() {
    Coding.of("zstd");
  }

  /** Counts the readable bytes of the next piece. */
  public void add(ByteBuf piece) {
    int from = piece.readerIndex();
    int to = piece.writerIndex();
    wire += to - from;
    if (from < to && !ended && !tally.isOver()) {
      body.take(piece, from, to);
      releaseWhenOver();
    }
  }

  /** There is no more: a body that may not end here is {@link #malformed}. */
  public void end() {
    if (!ended && !tally.isOver() && !body.end()) {
      tally.breakOff();
    }
    close();
  }

  /** Returns its buffers to the pool; the counts stay readable. May be called twice. */
  @Override
  public void close() {
    ended = true;
    body.close();
  }

  private void releaseWhenOver() {
    if (tally.isOver()) {
      body.close();
    }
  }

  /**
   * What was decoded so far, in bytes. When the bound is exceeded it is one more than that, for the
   * message that did; when compression or framing are wrong, no less than the bytes on the wire.
   */
  public long decodedBytes() {
    return tally.broken() ? Math.max(tally.bytes(), wire) : tally.bytes();
  }

  /**
   * What will have been decoded in the end at the least, as far as lengths tell: the content length
   * of what is not compressed, the length of a gRPC message that has begun. Lengths may lie; {@link
   * #decodedBytes} settles it.
   */
  public long announcedBytes() {
    long more = tally.isOver() || ended ? 0 : body.announced();
    return decodedBytes() + more;
  }

  /** Bytes that passed, as they were on the wire, with prefixes. */
  public long wireBytes() {
    return wire;
  }

  /** Spans that began so far; 0 when they are not wanted. */
  public long spans() {
    return tally.spans();
  }

  /** Whether it is larger than the bound, or a length says that it will be. */
  public boolean exceeded() {
    return tally.exceeded();
  }

  /**
   * Whether its framing, compression or, when spans are counted, its content is not what it says.
   * Spans are counted up to there. Refusing it is up to its receiver.
   */
  public boolean malformed() {
    return tally.malformed();
  }

  /** Why the rest may not pass, as it cannot be measured; null when it may. */
  public @Nullable Flaw flaw() {
    return tally.flaw();
  }

  /** Memory that decoding it takes at the moment, in bytes. */
  public int memoryBytes() {
    return ended || tally.isOver() ? 0 : body.memoryBytes();
  }

  /** Whether some of it is in an encoding that is not read here and was counted as it is. */
  public boolean opaque() {
    return tally.opaque();
  }
}
