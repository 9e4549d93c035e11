package io.scopegate.gateway.exchange;

import io.netty.handler.codec.http2.Http2Headers;

/** What a request's trailers may not carry to an upstream: the same rules as for its head. */
public interface TrailerRules {
  /** Takes out of a request's trailers what no client may say to an upstream. */
  void prepareTrailers(Http2Headers trailers);
}
