package io.scopegate.gateway.access;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.netty.util.HashingStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a header has two different values, without making an iterator: lends itself to
 * {@link DefaultHttp2Headers} as the comparison of values, and compares those it is asked about
 * with each other. Values that are equal byte for byte are one: some versions of Grafana send each
 * custom header of a data source twice on streaming calls. For one thread.
 */
final class DuplicateHeaderProbe implements HashingStrategy<CharSequence> {
  private @Nullable CharSequence first;

  /** Whether a header has two different values. */
  boolean differs(Http2Headers head, CharSequence name) {
    if (head instanceof DefaultHttp2Headers headers) {
      first = null;
      boolean differs = headers.contains(name, name, this);
      first = null; // it may be a token
      return differs;
    }
    return HeaderValue.differs(head, name);
  }

  /** Called for each value; one that is not like the first is what was looked for. */
  @Override
  public boolean equals(CharSequence ignored, CharSequence value) {
    CharSequence known = first;
    if (known == null) {
      first = value;
      return false;
    }
    return known != value && !AsciiString.contentEquals(known, value);
  }

  @Override
  public int hashCode(CharSequence ignored) {
    return 0;
  }
}
