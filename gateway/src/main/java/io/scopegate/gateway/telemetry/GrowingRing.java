package io.scopegate.gateway.telemetry;

import java.util.function.IntFunction;

/**
 * The rings of one producer: a small one, which is enough for thousands of lines a second, and in
 * its place a large one from the first time that it is full. Lines stay in their order: the small
 * one is before the large one in every look of the consumer at both. For one thread.
 */
final class GrowingRing {
  /** Two rings for each event loop are made for everybody. */
  static final int FIRST_BYTES = 64 * 1024;

  /** Some 2,000 lines: those of 50 ms of an event loop that does nothing but refuse. */
  static final int MOST_BYTES = 512 * 1024;

  private final IntFunction<ByteRing> made;
  private ByteRing ring;
  private boolean isLarge;

  /**
   * With a small one.
   *
   * @param made makes a ring of so many bytes that the consumer knows from then on
   */
  GrowingRing(IntFunction<ByteRing> made) {
    this.made = made;
    this.ring = made.apply(FIRST_BYTES);
  }

  /** As {@link ByteRing#offer}. */
  boolean offer(byte[] line, int length) {
    if (ring.offer(line, length)) {
      return true;
    }
    if (isLarge) {
      return false;
    }
    ring.close();
    ring = made.apply(MOST_BYTES);
    isLarge = true;
    return ring.offer(line, length);
  }

  /** As {@link ByteRing#close}. */
  void close() {
    ring.close();
  }
}
