package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** Inflates gzip and deflate. Checksums and the length in a trailer are skipped, not checked. */
final class Inflation extends NativeDecoding {
  /** Native memory of an inflater with its window. */
  private static final int INFLATER_BYTES = 40 << 10;

  private static final byte[] NOTHING = {};

  private enum At {
    START,
    HEADER,
    DATA,
    TRAILER,
    END
  }

  private final Envelope envelope;
  private @Nullable Inflater inflater;
  private At at = At.START;
  private int trailer;

  /**
   * Of one compressed body or message.
   *
   * @param coding {@link Coding#GZIP} or {@link Coding#ZLIB}
   */
  Inflation(Coding coding, MeterPool pool, Sink sink) {
    super(pool, sink);
    this.envelope = coding == Coding.GZIP ? new GzipEnvelope() : new ZlibEnvelope();
  }

  @Override
  public void take(ByteBuf source, int from, int to) {
    int next = from;
    while (next < to && !sink.isOver()) {
      next =
          switch (at) {
            case START, HEADER -> header(source, next);
            case DATA -> data(source, next, to);
            case TRAILER -> trailer(next, to);
            case END -> excess(to);
          };
    }
  }

  @Override
  public boolean mayEnd() {
    return at == At.END || at == At.START;
  }

  @Override
  public int memoryBytes() {
    return INFLATER_BYTES;
  }

  @Override
  public void close() {
    if (inflater != null) {
      pool.giveBack(inflater);
      inflater = null;
    }
  }

  private int header(ByteBuf source, int index) {
    at = At.HEADER;
    switch (envelope.header(source.getByte(index))) {
      case MORE -> {}
      case WRONG -> sink.breakOff();
      case DONE -> beginData();
    }
    return index + 1;
  }

  private void beginData() {
    at = At.DATA;
    if (inflater == null) {
      inflater = pool.borrow();
    } else {
      inflater.reset();
    }
  }

  private int trailer(int index, int to) {
    int skipped = Math.min(trailer, to - index);
    trailer -= skipped;
    if (trailer == 0) {
      at = envelope.mayFollow() ? At.START : At.END;
    }
    return index + skipped;
  }

  private int excess(int to) {
    sink.breakOff();
    return to;
  }

  @Override
  boolean inData() {
    return at == At.DATA;
  }

  @Override
  @SuppressWarnings("NullAway") // there is an inflater once the data began
  int decode(ByteBuffer part) {
    int length = part.remaining();
    inflater.setInput(part);
    boolean more = true;
    while (more && !sink.isOver()) {
      more = inflateOnce(inflater);
    }
    int left = inflater.getRemaining();
    inflater.setInput(NOTHING); // lets go of the piece
    if (inflater.finished()) {
      at = At.TRAILER;
      trailer = envelope.trailer();
    }
    return length - left;
  }

  /** Whether there is more to come from what the inflater has. */
  private boolean inflateOnce(Inflater inflater) {
    byte[] out = pool.array();
    long before = inflater.getBytesWritten();
    try {
      int written = inflater.inflate(out);
      decoded(written);
      return written == out.length && !inflater.finished();
    } catch (DataFormatException e) {
      decoded((int) (inflater.getBytesWritten() - before)); // what came before the flaw
      sink.breakOff();
      return false;
    }
  }
}
