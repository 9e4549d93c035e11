package io.scopegate.gateway.answer;

import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/**
 * A complete answer that the gateway itself gives.
 *
 * @param head status and headers, with pseudo-headers, lower-case names and {@code content-length}
 *     where there is a body
 * @param body the body's bytes; empty for a trailers-only gRPC answer
 * @param status the HTTP status
 * @param grpcStatus the gRPC status, or -1 outside gRPC
 * @param trailers what ends it after the body; null when the body does
 */
@SuppressWarnings("ArrayRecordComponent") // written once, right away; nobody compares answers
public record Reply(
    Http2Headers head, byte[] body, int status, int grpcStatus, @Nullable Http2Headers trailers) {

  /** Without trailers. */
  public Reply(Http2Headers head, byte[] body, int status, int grpcStatus) {
    this(head, body, status, grpcStatus, null);
  }
}
