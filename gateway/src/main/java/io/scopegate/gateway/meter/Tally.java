package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Counts decoded bytes against the bound, and shows them to a scanner as far as the bound goes. */
final class Tally implements Sink {
  /** Spans are compressed to a twentieth or so, and to a hundredth when they are much alike. */
  private static final int MOST_TIMES = 250;

  private final long bound;
  private final @Nullable MessageScanner scanner;
  private final @Nullable SpanScanner spans;
  private long earlier;
  private long current;
  private boolean exceeded;
  private boolean broken;
  private boolean opaque;
  private boolean opaqueMessage;
  private @Nullable Flaw flaw;

  Tally(Measure measure) {
    this.bound = measure.maxDecodedBytes();
    this.spans = measure.spans() ? measure.format().scanner() : null;
    this.scanner = spans;
  }

  /** Counts bytes, and shows them to something that does not look for spans. */
  Tally(long bound, MessageScanner scanner) {
    this.bound = bound;
    this.spans = null;
    this.scanner = scanner;
  }

  @Override
  public void decoded(ByteBuf source, int from, int to) {
    long room = bound - current;
    int within = (int) Math.min(to - from, room);
    if (scanner != null) {
      scanner.scan(source, from, from + within);
    }
    count(to - from);
  }

  /** Bytes that cannot be decoded here and count as they are. */
  void undecoded(int bytes) {
    opaque = true;
    opaqueMessage = true;
    count(bytes);
  }

  private void count(int bytes) {
    if (bytes > bound - current) {
      current = bound + 1; // where a piece ended shall not show
      exceeded = true;
    } else {
      current += bytes;
    }
  }

  /** A message, or the body over HTTP, is complete. */
  void endOfMessage() {
    if (scanner != null && !opaqueMessage) {
      scanner.endOfMessage();
    }
    opaqueMessage = false;
    earlier += current;
    current = 0;
  }

  /** More was announced than the bound allows. */
  void exceed() {
    exceeded = true;
  }

  @Override
  public void breakOff() {
    broken = !exceeded; // what comes after the bound is not looked at, wherever a piece ended
  }

  @Override
  public void announced(long bytes) {
    if (bytes > bound - current) {
      exceeded = true;
    }
  }

  @Override
  public void refuse(Flaw why) {
    if (!exceeded && !broken) {
      broken = true;
      flaw = why;
    }
  }

  @Override
  public boolean isOver() {
    return exceeded || broken;
  }

  @Nullable Flaw flaw() {
    return flaw;
  }

  boolean exceeded() {
    return exceeded;
  }

  boolean broken() {
    return broken;
  }

  boolean opaque() {
    return opaque;
  }

  boolean malformed() {
    return broken || (scanner != null && scanner.malformed());
  }

  long bytes() {
    return earlier + current;
  }

  long bound() {
    return bound;
  }

  long spans() {
    return spans == null ? 0 : spans.spans();
  }

  /**
   * Whether all messages so far decoded to more than one may, and that many times what they were on
   * the wire.
   */
  boolean isInflated(long wireBytes) {
    return earlier - wireBytes * MOST_TIMES > bound;
  }

  /**
   * How long data may be compressed that decodes to no more than the bound. Deflate adds five bytes
   * to 16 KiB that it cannot compress, and a header; zstd less, and snappy up to a sixth. More is
   * padding that decodes to nothing.
   */
  long compressedBound(Coding coding) {
    long more = bound / (coding.isSnappy() ? 6 : 1024) + 1024;
    return bound > Long.MAX_VALUE - more ? Long.MAX_VALUE : bound + more;
  }
}
