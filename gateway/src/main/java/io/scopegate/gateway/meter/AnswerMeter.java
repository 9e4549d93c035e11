package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a query cost in Tempo's answer while it passes, and keeps nothing else of it. A piece
 * is neither changed nor kept, and no input makes it throw. For one thread.
 *
 * <p>JSON, protobuf and the messages of gRPC are read, also compressed with what {@link BodyMeter}
 * decodes, as far as they decode to no more than {@link Measure#MOST_DECODED_BYTES}. Of anything
 * else the cost is not known.
 */
public final class AnswerMeter implements AutoCloseable {
  private static final String JSON = "json";
  private static final String PROTOBUF = "protobuf";

  private final CostPlace place;
  private final boolean grpc;
  private final MeterPool pool;
  private final QueryCost cost = new QueryCost();
  private @Nullable Tally tally;
  private @Nullable Body body;
  private boolean begun;

  /**
   * Of the answer to one request.
   *
   * @param place where its cost is
   * @param grpc whether it is a call
   * @param pool of the event loop
   */
  public AnswerMeter(CostPlace place, boolean grpc, MeterPool pool) {
    this.place = place;
    this.grpc = grpc;
    this.pool = pool;
  }

  /**
   * A good answer begins.
   *
   * @param contentType the {@code content-type}
   * @param encoding the {@code content-encoding}, or {@code grpc-encoding} of a call
   */
  public void begin(@Nullable CharSequence contentType, @Nullable CharSequence encoding) {
    begun = true;
    MessageScanner scanner = scanner(contentType);
    if (scanner == null) {
      return;
    }
    Coding coding = Coding.of(encoding);
    long bound = coding.isDecoded() ? Measure.MOST_DECODED_BYTES : Long.MAX_VALUE;
    Tally counts = new Tally(bound, scanner);
    tally = counts;
    body = grpc ? new GrpcBody(coding, pool, counts) : new HttpBody(coding, -1, pool, counts);
  }

  private @Nullable MessageScanner scanner(@Nullable CharSequence contentType) {
    if (grpc || contains(contentType, PROTOBUF)) {
      return new ProtobufCostScanner(place, cost);
    }
    return contains(contentType, JSON) ? new JsonTail(cost) : null;
  }

  private static boolean contains(@Nullable CharSequence text, String word) {
    return text != null && AsciiString.indexOfIgnoreCase(text, word, 0) >= 0;
  }

  /** Looks at the readable bytes of the next piece. */
  public void add(ByteBuf piece) {
    Body reading = body;
    Tally counts = tally;
    if (reading == null || counts == null) {
      return;
    }
    int from = piece.readerIndex();
    int to = piece.writerIndex();
    if (from < to && !counts.isOver()) {
      reading.take(piece, from, to);
    }
    if (counts.isOver()) {
      close();
    }
  }

  /** There is no more; the cost of an answer as JSON is known only now. May be called twice. */
  @Override
  public void close() {
    Body reading = body;
    Tally counts = tally;
    if (reading != null && counts != null) {
      body = null;
      if (!counts.isOver()) {
        reading.end();
      }
      reading.close();
    }
  }

  /**
   * What was said; of a call so far, otherwise after {@link #close}. Null when no good answer
   * began.
   *
   * @return with {@link QueryCost#isKnown} when it could be read
   */
  public @Nullable QueryCost cost() {
    return begun ? cost : null;
  }

  /** Memory that decoding takes at the moment, in bytes. */
  public int memoryBytes() {
    return body == null ? 0 : body.memoryBytes();
  }
}
