package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A body over HTTP: one message, compressed as a whole or not at all. */
final class HttpBody implements Body {
  private final Tally tally;
  private final boolean unknown;
  private final @Nullable Inflation inflation;
  private long announced;
  private long room;

  /**
   * Of one request or response.
   *
   * @param length of the body on the wire; negative when not known
   */
  HttpBody(Coding coding, long length, MeterPool pool, Tally tally) {
    this.tally = tally;
    this.unknown = coding == Coding.UNKNOWN;
    this.inflation =
        coding == Coding.GZIP || coding == Coding.ZLIB ? new Inflation(coding, pool, tally) : null;
    this.room = tally.compressedBound();
    if (inflation == null) {
      this.announced = Math.max(0, length);
    }
    if (length > (inflation == null ? tally.bound() : room)) {
      tally.exceed();
    }
  }

  @Override
  public void take(ByteBuf source, int from, int to) {
    if (inflation != null) {
      compressed(inflation, source, from, to);
      return;
    }
    announced = Math.max(0, announced - (to - from));
    if (unknown) {
      tally.undecoded(to - from);
    } else {
      tally.decoded(source, from, to);
    }
  }

  private void compressed(Inflation data, ByteBuf source, int from, int to) {
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
    return inflation == null || inflation.mayEnd();
  }

  @Override
  public long announced() {
    return announced;
  }

  @Override
  public void close() {
    if (inflation != null) {
      inflation.close();
    }
  }
}
