package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Decodes snappy's block format as it comes: a length, then literals and references to what was
 * decoded. Encoders begin afresh every 64 KiB, so that much of it is remembered.
 *
 * @see <a href="https://github.com/google/snappy/blob/main/format_description.txt">Snappy, the
 *     format</a>
 */
final class SnappyBlock {
  static final int WINDOW_BYTES = 64 << 10;

  private static final int MASK = WINDOW_BYTES - 1;
  private static final int LONGEST_LENGTH = 5;
  private static final int SHORT_LITERAL = 60;

  private enum At {
    LENGTH,
    TAG,
    NUMBER,
    LITERAL,
    END
  }

  private final Sink sink;
  private final byte[] window;
  private final ByteBuf shown;
  private final long most;
  private At at = At.LENGTH;
  private int bytesOfLength;
  private long length;
  private long decoded;
  private long delivered;
  private int tag;
  private int bytesOfNumber;
  private int readOfNumber;
  private long number;
  private long literal;

  /**
   * A block.
   *
   * @param window of {@link #WINDOW_BYTES}
   * @param most the longest that it may say to be
   */
  SnappyBlock(byte[] window, long most, Sink sink) {
    this.window = window;
    this.shown = Unpooled.wrappedBuffer(window);
    this.most = most;
    this.sink = sink;
  }

  /** Whether all that its length promises has come. */
  boolean isComplete() {
    return at == At.END;
  }

  /** Compressed bytes, none of which may come after its end. */
  void take(ByteBuf source, int from, int to) {
    int next = from;
    while (next < to && !sink.isOver()) {
      if (at == At.LITERAL) {
        next += literal(source, next, to);
      } else {
        step(source.getByte(next) & 0xff);
        next++;
      }
    }
    deliver();
  }

  private void step(int value) {
    switch (at) {
      case LENGTH -> length(value);
      case TAG -> tag(value);
      case NUMBER -> number(value);
      case LITERAL, END -> refuse(Flaw.MALFORMED);
    }
  }

  private void length(int value) {
    length |= (long) (value & 0x7f) << (7 * bytesOfLength);
    bytesOfLength++;
    if (value >= 0x80 && bytesOfLength < LONGEST_LENGTH) {
      return;
    }
    if (value >= 0x80 || length > most) {
      refuse(Flaw.MALFORMED);
      return;
    }
    sink.announced(length);
    at = length == 0 ? At.END : At.TAG;
  }

  private void tag(int value) {
    tag = value;
    number = 0;
    readOfNumber = 0;
    int upper = value >> 2;
    bytesOfNumber =
        switch (value & 3) {
          case 0 -> upper < SHORT_LITERAL ? 0 : upper - SHORT_LITERAL + 1;
          case 1 -> 1;
          case 2 -> 2;
          default -> 4;
        };
    if (bytesOfNumber == 0) {
      beginLiteral(upper + 1);
    } else {
      at = At.NUMBER;
    }
  }

  private void number(int value) {
    number |= (long) value << (8 * readOfNumber);
    readOfNumber++;
    if (readOfNumber < bytesOfNumber) {
      return;
    }
    int upper = tag >> 2;
    switch (tag & 3) {
      case 0 -> beginLiteral(number + 1);
      case 1 -> copy((long) (tag >> 5) << 8 | number, 4 + (upper & 7));
      default -> copy(number, 1 + upper);
    }
  }

  private void beginLiteral(long count) {
    if (count > length - decoded) {
      refuse(Flaw.MALFORMED);
    } else {
      literal = count;
      at = At.LITERAL;
    }
  }

  private int literal(ByteBuf source, int from, int to) {
    int place = (int) (decoded & MASK);
    int count = (int) Math.min(Math.min(literal, to - from), WINDOW_BYTES - place);
    source.getBytes(from, window, place, count);
    literal -= count;
    advance(count);
    if (literal == 0) {
      endElement();
    }
    return count;
  }

  private void copy(long offset, int count) {
    if (offset == 0 || offset > decoded || count > length - decoded) {
      refuse(Flaw.MALFORMED);
      return;
    }
    if (offset > WINDOW_BYTES) {
      refuse(Flaw.UNMEASURABLE);
      return;
    }
    for (int i = 0; i < count; i++) {
      window[(int) (decoded & MASK)] = window[(int) ((decoded - offset) & MASK)];
      advance(1);
    }
    endElement();
  }

  /** So many bytes more are in the window, which is never passed over before it is shown. */
  private void advance(int count) {
    decoded += count;
    if ((decoded & MASK) == 0) {
      deliver();
    }
  }

  private void endElement() {
    at = decoded == length ? At.END : At.TAG;
  }

  private void refuse(Flaw why) {
    deliver(); // counts are the same wherever a piece ends
    sink.refuse(why);
  }

  private void deliver() {
    if (delivered < decoded && !sink.isOver()) {
      int from = (int) (delivered & MASK);
      sink.decoded(shown, from, from + (int) (decoded - delivered));
    }
    delivered = decoded;
  }
}
