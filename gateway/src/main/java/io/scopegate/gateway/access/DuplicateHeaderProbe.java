package io.scopegate.gateway.access;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.HashingStrategy;

/**
 * Finds out whether a header comes more than once without making an iterator: lends itself to
 * {@link DefaultHttp2Headers} as the comparison of values, and sees how many it is asked about. For
 * one thread.
 */
final class DuplicateHeaderProbe implements HashingStrategy<CharSequence> {
  private boolean seenOne;

  /** Whether a header comes more than once. */
  boolean of(Http2Headers head, CharSequence name) {
    if (head instanceof DefaultHttp2Headers headers) {
      seenOne = false;
      return headers.contains(name, name, this);
    }
    return HeaderValue.several(head, name);
  }

  /** Called for each value; the second one is what was looked for. */
  @Override
  public boolean equals(CharSequence ignored, CharSequence value) {
    boolean second = seenOne;
    seenOne = true;
    return second;
  }

  @Override
  public int hashCode(CharSequence ignored) {
    return 0;
  }
}
