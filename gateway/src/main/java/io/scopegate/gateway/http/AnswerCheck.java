package io.scopegate.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/** What the head or the trailers of an answer say about the server that sent them. */
enum AnswerCheck {
  /** It works. */
  GOOD,
  /** It works, and has too much to do: others would have more if this one got less. */
  BUSY,
  /** It, or something that it needs, does not work. */
  BAD;

  private static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");
  private static final AsciiString GRPC_DETAILS = AsciiString.cached("grpc-status-details-bin");
  private static final AsciiString GRPC_PUSHBACK = AsciiString.cached("grpc-retry-pushback-ms");
  private static final AsciiString UNAVAILABLE = AsciiString.cached("14");
  private static final AsciiString RESOURCE_EXHAUSTED = AsciiString.cached("8");

  /** Reads a head that is no interim one. */
  static AnswerCheck ofHead(Http2Headers head, boolean end) {
    CharSequence status = head.status();
    if (status == null || status.length() != 3) {
      return GOOD;
    }
    char first = status.charAt(0);
    if (first == '2') {
      return end ? ofTrailers(head) : GOOD;
    }
    boolean later = head.contains(HttpHeaderNames.RETRY_AFTER);
    if (first == '5') {
      return later ? BUSY : ofServerError(status.charAt(1), status.charAt(2));
    }
    return first == '4' && status.charAt(1) == '2' && status.charAt(2) == '9' ? BUSY : GOOD;
  }

  /** 500 says more about the request than about the server, and others would say the same. */
  private static AnswerCheck ofServerError(char second, char third) {
    return second == '0' && third >= '2' && third <= '4' ? BAD : GOOD;
  }

  /** Reads trailers, or a head that is all of an answer. */
  static AnswerCheck ofTrailers(Http2Headers trailers) {
    CharSequence status = trailers.get(GRPC_STATUS);
    if (status == null || status.length() > 2) {
      return GOOD;
    }
    if (RESOURCE_EXHAUSTED.contentEquals(status)) {
      return BUSY;
    }
    if (!UNAVAILABLE.contentEquals(status)) {
      return GOOD;
    }
    return trailers.contains(GRPC_DETAILS) || trailers.contains(GRPC_PUSHBACK) ? BUSY : BAD;
  }
}
