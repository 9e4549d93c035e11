package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads start and end, or how much is wanted, out of one request message, from the fields that the
 * row names. A field that comes several times counts with its last value, as in protobuf, and 0 is
 * not given.
 *
 * @see <a href="https://github.com/grafana/tempo/blob/main/pkg/tempopb/tempo.proto">Tempo's
 *     messages</a>
 */
final class QueryMessage {
  private static final int MOST_BYTES = 64 << 10;
  private static final int PREFIX_BYTES = 5;
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;
  private static final int LONGEST_VARINT = 10;

  /** What a field of 32 bits keeps of a longer number. */
  private static final long UNSIGNED = 0xffff_ffffL;

  private final ByteBuf message;
  private final int end;
  private int next;
  private boolean malformed;

  private QueryMessage(ByteBuf message) {
    this.message = message;
    this.next = message.readerIndex();
    this.end = message.writerIndex();
  }

  /** The range in a message without its prefix. */
  static QueryRange range(RangePlace fields, ByteBuf message) {
    return new QueryMessage(message).range(fields);
  }

  /** The range in the first message of a body. */
  static QueryRange range(RangePlace fields, Coding coding, ByteBuf body, MeterPool pool) {
    QueryRange found = read(coding, body, pool, message -> range(fields, message));
    return found == null ? QueryRange.malformed() : found;
  }

  /** How much a message without its prefix asks for; null when it cannot be read. */
  static @Nullable QuerySize size(SizePlace fields, ByteBuf message) {
    return new QueryMessage(message).size(fields);
  }

  /** What is read of the first message of a body; null when it cannot be. */
  static <T> @Nullable T read(
      Coding coding, ByteBuf body, MeterPool pool, Function<ByteBuf, @Nullable T> reader) {
    int from = body.readerIndex() + PREFIX_BYTES;
    if (body.readableBytes() < PREFIX_BYTES) {
      return null;
    }
    int flag = body.getByte(from - PREFIX_BYTES);
    long length = body.getUnsignedInt(from - 4);
    if (flag < 0 || flag > 1 || length > MOST_BYTES || length > body.writerIndex() - from) {
      return null;
    }
    ByteBuf message = body.slice(from, (int) length);
    return flag == 0 ? reader.apply(message) : inflated(coding, message, pool, reader);
  }

  private static <T> @Nullable T inflated(
      Coding coding, ByteBuf compressed, MeterPool pool, Function<ByteBuf, @Nullable T> reader) {
    if (!coding.isDecoded()) {
      return null;
    }
    Held held = new Held();
    Decoding decoding = Objects.requireNonNull(coding.decoding(pool, held));
    decoding.take(compressed, compressed.readerIndex(), compressed.writerIndex());
    boolean complete = decoding.mayEnd() && !held.isOver();
    decoding.close();
    T found = complete ? reader.apply(held.bytes) : null;
    held.bytes.release();
    return found;
  }

  /** A small message, put together from what was inflated. */
  private static final class Held implements Sink {
    private final ByteBuf bytes = Unpooled.buffer(1_024, MOST_BYTES);
    private boolean over;

    @Override
    public void decoded(ByteBuf source, int from, int to) {
      if (to - from > bytes.maxWritableBytes()) {
        over = true;
      } else {
        bytes.writeBytes(source, from, to - from);
      }
    }

    @Override
    public void announced(long more) {
      over |= more > bytes.maxWritableBytes();
    }

    @Override
    public void breakOff() {
      over = true;
    }

    @Override
    public void refuse(Flaw why) {
      over = true;
    }

    @Override
    public boolean isOver() {
      return over;
    }
  }

  private QueryRange range(RangePlace fields) {
    long start = 0;
    long until = 0;
    while (next < end && !malformed) {
      long tag = varint();
      int number = (int) (tag >>> 3);
      int type = (int) tag & 7;
      boolean wanted = number == fields.start() || number == fields.end();
      if (number <= 0 || (wanted && type != VARINT)) {
        malformed = true;
      } else if (!wanted) {
        skip(type);
      } else if (number == fields.start()) {
        start = fields.time(varint());
      } else {
        until = fields.time(varint());
      }
    }
    return malformed ? QueryRange.malformed() : range(start, until);
  }

  /** An end alone reaches from the epoch, since 0 is a start as well as none. */
  private static QueryRange range(long start, long until) {
    boolean none = start == 0 && until == 0;
    return QueryRange.of(
        none ? QueryRange.ABSENT : start,
        until == 0 ? QueryRange.ABSENT : until,
        QueryRange.ABSENT);
  }

  private @Nullable QuerySize size(SizePlace fields) {
    long results = QuerySize.ABSENT;
    long spans = QuerySize.ABSENT;
    long exemplars = QuerySize.ABSENT;
    while (next < end && !malformed) {
      long tag = varint();
      int number = (int) (tag >>> 3);
      int type = (int) tag & 7;
      boolean wanted =
          number == fields.results() || number == fields.spans() || number == fields.exemplars();
      if (number <= 0 || (wanted && type != VARINT)) {
        malformed = true;
      } else if (!wanted) {
        skip(type);
      } else if (number == fields.results()) {
        results = varint() & UNSIGNED;
      } else if (number == fields.spans()) {
        spans = varint() & UNSIGNED;
      } else {
        exemplars = varint() & UNSIGNED;
      }
    }
    return malformed ? null : new QuerySize(results, spans, exemplars);
  }

  private void skip(int type) {
    switch (type) {
      case VARINT -> varint();
      case FIXED64 -> skipBytes(8);
      case LENGTH -> skipBytes(varint());
      case FIXED32 -> skipBytes(4);
      default -> malformed = true; // groups: no client of Tempo writes them
    }
  }

  private void skipBytes(long bytes) {
    if (bytes < 0 || bytes > end - next) {
      malformed = true;
    } else {
      next += (int) bytes;
    }
  }

  private long varint() {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT && next < end; i++) {
      byte b = message.getByte(next);
      next++;
      value |= (long) (b & 0x7f) << (7 * i);
      if (b >= 0) {
        return value;
      }
    }
    malformed = true;
    return 0;
  }
}
