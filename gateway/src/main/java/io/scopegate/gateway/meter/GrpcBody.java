package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Messages of gRPC, each with a prefix of five bytes: whether it is compressed, and its length.
 *
 * @see <a href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md">gRPC over
 *     HTTP/2</a>
 */
final class GrpcBody implements Body {
  private static final int PREFIX_BYTES = 5;

  private final Coding coding;
  private final MeterPool pool;
  private final Tally tally;
  private @Nullable Decoding decoding;
  private int prefix;
  private int flag;
  private long length;
  private long wireBytes;

  GrpcBody(Coding coding, MeterPool pool, Tally tally) {
    this.coding = coding;
    this.pool = pool;
    this.tally = tally;
  }

  @Override
  public void take(ByteBuf source, int from, int to) {
    int next = from;
    while (next < to && !tally.isOver()) {
      next = prefix < PREFIX_BYTES ? prefix(source, next) : message(source, next, to);
    }
  }

  private int prefix(ByteBuf source, int index) {
    int value = source.getByte(index) & 0xff;
    if (prefix == 0) {
      flag = value;
      length = 0;
    } else {
      length = length << 8 | value;
    }
    if (flag > 1) {
      tally.breakOff();
    }
    prefix++;
    if (prefix == PREFIX_BYTES) {
      begin();
    }
    return index + 1;
  }

  private void begin() {
    if (isCompressed() && coding == Coding.IDENTITY) {
      tally.breakOff();
    } else if (length > (isDecoded() ? tally.compressedBound(coding) : tally.bound())) {
      tally.exceed();
    } else if (length == 0) {
      endOfMessage();
    } else if (isDecoded() && tally.isInflated(wireBytes)) {
      tally.refuse(Flaw.INFLATED);
    } else if (isDecoded()) {
      decoding = coding.decoding(pool, tally);
    }
  }

  private int message(ByteBuf source, int from, int to) {
    int end = (int) Math.min(to, from + length);
    wireBytes += end - from;
    length -= end - from;
    if (decoding != null) {
      decoding.take(source, from, end);
    } else if (isCompressed()) {
      tally.undecoded(end - from);
    } else {
      tally.decoded(source, from, end);
    }
    if (length == 0 && !tally.isOver()) {
      endOfMessage();
    }
    return end;
  }

  private void endOfMessage() {
    prefix = 0;
    tally.endOfMessage();
    if (decoding != null) {
      if (!decoding.mayEnd()) {
        coding.cutShort(tally);
      }
      close();
    }
  }

  private boolean isCompressed() {
    return flag == 1;
  }

  private boolean isDecoded() {
    return isCompressed() && coding.isDecoded();
  }

  @Override
  public boolean end() {
    return prefix == 0;
  }

  @Override
  public long announced() {
    return prefix == PREFIX_BYTES && decoding == null ? length : 0;
  }

  @Override
  public void close() {
    if (decoding != null) {
      decoding.close();
      decoding = null;
    }
  }

  @Override
  public int memoryBytes() {
    return decoding == null ? 0 : decoding.memoryBytes();
  }
}
