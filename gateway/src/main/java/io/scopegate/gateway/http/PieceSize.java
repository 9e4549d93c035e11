package io.scopegate.gateway.http;

/**
 * How much is decoded before the time is looked at again. It follows from the time that the last
 * piece took: a refusal costs the same for a request of 25 bytes and of 1.5 KB, and whatever is cut
 * in the middle of a message is copied by the codec, so small pieces make large requests expensive.
 *
 * <p>At most {@value #MOST_BYTES} bytes, because a client can make the gateway believe in cheap
 * pieces: that many bytes of the smallest requests take about a millisecond, once.
 */
final class PieceSize {
  /** Some forty of the smallest requests. */
  static final int LEAST_BYTES = 1 << 10;

  static final int MOST_BYTES = 8 << 10;

  /**
   * A piece that took less is followed by one twice as large, one that took twice this by the
   * smallest.
   */
  static final long GOAL_NANOS = 60_000;

  private int bytes = LEAST_BYTES;

  /** Of the next piece. */
  int bytes() {
    return bytes;
  }

  /** The last piece took that many nanoseconds. */
  void took(long nanos) {
    if (nanos >= 2 * GOAL_NANOS) {
      bytes = LEAST_BYTES;
    } else if (nanos < GOAL_NANOS && bytes < MOST_BYTES) {
      bytes *= 2;
    }
  }
}
