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
  /** Checks that the bound is not negative. */
  public Measure {
    if (maxDecodedBytes < 0) {
      throw new IllegalArgumentException(
          "maxDecodedBytes: " + maxDecodedBytes + " (expected: >= 0)");
    }
  }
}
