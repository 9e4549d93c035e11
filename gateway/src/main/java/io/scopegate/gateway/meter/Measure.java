package io.scopegate.gateway.meter;

/**
 * What is wanted of a {@link BodyMeter}.
 *
 * @param format what the body holds
 * @param spans whether spans are counted too, which costs a look at the decoded bytes
 * @param maxDecodedBytes the bound: of the decoded body over HTTP, of each decoded message over
 *     gRPC; {@link Long#MAX_VALUE} for none
 */
public record Measure(BodyFormat format, boolean spans, long maxDecodedBytes) {
  /**
   * The bound of what is compressed, where nothing else bounds it: without one a few kilobytes
   * would be decoded to gigabytes. It is more than three times what receivers accept by default.
   */
  public static final long MOST_DECODED_BYTES = 64L << 20;

  /** Checks that the bound is not negative. */
  public Measure {
    if (maxDecodedBytes < 0) {
      throw new IllegalArgumentException(
          "maxDecodedBytes: " + maxDecodedBytes + " (expected: >= 0)");
    }
  }
}
