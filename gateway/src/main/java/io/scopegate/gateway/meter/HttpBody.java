package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A body over HTTP: one message, compressed as a whole or not at all. */
final class HttpBody implements Body {
  private final Coding coding;
  private final Tally tally;
  private final boolean unknown;
  private final @Nullable Decoding decoding;
  private long announced;
  private long room;

  /**
   * Of one request or response.
   *
   * @param length of the body on the wire; negative when not known
   */
  HttpBody(Coding coding, long length, MeterPool pool, Tally tally) {
    this.coding = coding;
    this.tally = tally;
    this.unknown = coding == Coding.UNKNOWN;
    this.decoding = coding.decoding(pool, tally);
    this.room = tally.compressedBound(coding);
    if (decoding == null) {
      this.announced = Math.max(0, length);
    }
    if (length > (decoding == null ? tally.bound() : room)) {
      tally.exceed();
    }
  }

  @Override
  public void take(ByteBuf source, int from, int to) {
    if (decoding != null) {
      compressed(decoding, source, from, to);
      return;
    }
    announced = Math.max(0, announced - (to - from));
    if (unknown) {
      tally.undecoded(to - from);
    } else {
      tally.decoded(source, from, to);
    }
  }

  private void compressed(Decoding data, ByteBuf source, int from, int to) {
    int within = (int) Math.min(to - from, room);
    room -= within;
    data.take(source, from, from + within);
    if (within < to - from && !tally.isOver()) {
      tally.exceed();
    }
  }

  @Override
  public boolean end() {
    tally.endOfMessage();
    if (decoding != null && !decoding.mayEnd()) {
      coding.cutShort(tally);
    }
    return true;
  }

  @Override
  public long announced() {
    return announced;
  }

  @Override
  public void close() {
    if (decoding != null) {
      decoding.close();
    }
  }

  @Override
  public int memoryBytes() {
    return decoding == null ? 0 : decoding.memoryBytes();
  }
}
