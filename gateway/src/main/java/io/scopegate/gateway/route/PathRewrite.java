package io.scopegate.gateway.route;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal;
import org.jspecify.annotations.Nullable;

/** What becomes of a path that Tempo does not know, so that all that follows sees one it knows. */
public interface PathRewrite {
  /** The path and query that Tempo gets. */
  AsciiString target();

  /**
   * Rewrites a head as if the client had used Tempo's own path.
   *
   * @return why this is refused; null when it is done
   */
  @Nullable Refusal applyTo(Http2Headers head);
}
