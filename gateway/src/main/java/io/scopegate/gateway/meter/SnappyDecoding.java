package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Snappy in either of its forms. gRPC and {@code x-snappy-framed} have frames; over HTTP {@code
 * snappy} is one block since version 0.131 of the OpenTelemetry Collector and was framed before, so
 * the first bytes tell, as in the collector. Checksums are skipped.
 *
 * @see <a href="https://github.com/google/snappy/blob/main/framing_format.txt">Snappy, the framing
 *     format</a>
 */
final class SnappyDecoding implements Decoding {
  private static final byte[] STREAM = {(byte) 0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};
  private static final ByteBuf STREAM_BYTES =
      Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(STREAM));
  private static final int CHUNK_HEADER = 4;
  private static final int CHECKSUM = 4;
  private static final int MOST_IN_CHUNK = 64 << 10;
  private static final int COMPRESSED = 0x00;
  private static final int PLAIN = 0x01;
  private static final int FIRST_SKIPPED = 0x80;
  private static final int IDENTIFIER = 0xff;

  private enum At {
    BEGINNING,
    BLOCK,
    CHUNK_HEADER,
    CHECKSUM,
    COMPRESSED,
    PLAIN,
    SKIPPED
  }

  private final MeterPool pool;
  private final Sink sink;
  private final boolean framed;
  private byte @Nullable [] window;
  private @Nullable SnappyBlock block;
  private At at = At.BEGINNING;
  private int matched;
  private int headerBytes;
  private int header;
  private int left;
  private int checksum;

  /**
   * Of one body or message.
   *
   * @param framed whether it must have frames
   */
  SnappyDecoding(boolean framed, MeterPool pool, Sink sink) {
    this.framed = framed;
    this.pool = pool;
    this.sink = sink;
  }

  @Override
  public void take(ByteBuf source, int from, int to) {
    int next = from;
    while (next < to && !sink.isOver()) {
      next =
          switch (at) {
            case BEGINNING -> beginning(source, next);
            case BLOCK -> block(source, next, to);
            case CHUNK_HEADER -> chunkHeader(source, next);
            case CHECKSUM -> checksum(next, to);
            case COMPRESSED -> compressed(source, next, to);
            case PLAIN -> plain(source, next, to);
            case SKIPPED -> skipped(next, to);
          };
    }
  }

  private int beginning(ByteBuf source, int index) {
    if (source.getByte(index) == STREAM[matched]) {
      matched++;
      if (matched == STREAM.length) {
        at = At.CHUNK_HEADER;
      }
      return index + 1;
    }
    if (framed) {
      sink.refuse(Flaw.MALFORMED);
      return index;
    }
    at = At.BLOCK;
    beginBlock(0xffff_ffffL).take(STREAM_BYTES, 0, matched);
    return index;
  }

  private SnappyBlock beginBlock(long most) {
    byte[] space = window;
    if (space == null) {
      space = pool.borrowWindow();
      window = space;
    }
    SnappyBlock begun = new SnappyBlock(space, most, sink);
    block = begun;
    return begun;
  }

  @SuppressWarnings("NullAway") // there is a block where one is read
  private int block(ByteBuf source, int from, int to) {
    block.take(source, from, to);
    return to;
  }

  private int chunkHeader(ByteBuf source, int index) {
    int value = source.getByte(index) & 0xff;
    if (headerBytes == 0) {
      header = value;
    } else {
      left |= value << (8 * (headerBytes - 1));
    }
    headerBytes++;
    if (headerBytes == CHUNK_HEADER) {
      headerBytes = 0;
      beginChunk();
    }
    return index + 1;
  }

  private void beginChunk() {
    if (header == COMPRESSED || header == PLAIN) {
      if (left < CHECKSUM || header == PLAIN && left - CHECKSUM > MOST_IN_CHUNK) {
        sink.refuse(Flaw.MALFORMED);
        return;
      }
      left -= CHECKSUM;
      checksum = CHECKSUM;
      at = At.CHECKSUM;
    } else if (header == IDENTIFIER && left != STREAM.length - CHUNK_HEADER
        || header < FIRST_SKIPPED) {
      sink.refuse(Flaw.MALFORMED);
    } else {
      at = left == 0 ? At.CHUNK_HEADER : At.SKIPPED;
    }
  }

  private int checksum(int index, int to) {
    int skipped = Math.min(checksum, to - index);
    checksum -= skipped;
    if (checksum == 0 && header == COMPRESSED) {
      beginBlock(MOST_IN_CHUNK);
      at = At.COMPRESSED;
      endChunkWhenEmpty();
    } else if (checksum == 0) {
      at = At.PLAIN;
      endChunkWhenEmpty();
    }
    return index + skipped;
  }

  private int compressed(ByteBuf source, int from, int to) {
    int end = Math.min(to, from + left);
    left -= end - from;
    block(source, from, end);
    endChunkWhenEmpty();
    return end;
  }

  private int plain(ByteBuf source, int from, int to) {
    int end = Math.min(to, from + left);
    left -= end - from;
    sink.decoded(source, from, end);
    endChunkWhenEmpty();
    return end;
  }

  private int skipped(int from, int to) {
    int end = Math.min(to, from + left);
    left -= end - from;
    if (left == 0) {
      at = At.CHUNK_HEADER;
    }
    return end;
  }

  @SuppressWarnings("NullAway") // there is a block where one is read
  private void endChunkWhenEmpty() {
    if (left > 0 || sink.isOver()) {
      return;
    }
    if (at == At.COMPRESSED && !block.isComplete()) {
      sink.refuse(Flaw.MALFORMED);
    }
    at = At.CHUNK_HEADER;
  }

  @Override
  public boolean mayEnd() {
    return switch (at) {
      case BEGINNING -> matched == 0;
      case BLOCK -> block != null && block.isComplete();
      case CHUNK_HEADER -> headerBytes == 0;
      case CHECKSUM, COMPRESSED, PLAIN, SKIPPED -> false;
    };
  }

  @Override
  public int memoryBytes() {
    return SnappyBlock.WINDOW_BYTES;
  }

  @Override
  public void close() {
    if (window != null) {
      pool.giveBack(window);
      window = null;
      block = null;
    }
  }
}
