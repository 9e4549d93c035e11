package io.scopegate.gateway.warmup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;

/**
 * A request that the warm-up sends again and again.
 *
 * @param over how it gets to the gateway
 * @param grpc whether it is a gRPC call
 * @param head its head, which is copied for each request
 * @param body its body; empty for none
 * @param answer the status that it gets: that of gRPC for a call, else that of HTTP
 */
record Call(Over over, boolean grpc, Http2Headers head, byte[] body, int answer) {
  private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");

  /** As long as eight digits allow: on a busy machine nothing may be over before it is answered. */
  private static final int TIMEOUT_MICROS = 99_800_000;

  private static final int TIMEOUTS = 100_000;

  /** How requests get to the gateway. */
  enum Over {
    /** HTTP/1.1 in clear text. */
    HTTP1,
    /** HTTP/1.1 by TLS. */
    HTTP1_TLS,
    /** HTTP/2 in clear text. */
    HTTP2,
    /** HTTP/2 by TLS. */
    HTTP2_TLS,
    /** HTTP/2 in clear text, on connections whose requests are refused: these are read slowly. */
    HTTP2_REFUSED;

    boolean isTls() {
      return this == HTTP1_TLS || this == HTTP2_TLS;
    }

    boolean isHttp2() {
      return this != HTTP1 && this != HTTP1_TLS;
    }
  }

  /** A head of its own for one request; as with clients, only the time left differs. */
  Http2Headers newHead(int number) {
    Http2Headers own = new DefaultHttp2Headers(false).setAll(head);
    if (grpc) {
      own.set(TIMEOUT, TIMEOUT_MICROS + number % TIMEOUTS + "u");
    }
    return own;
  }

  /** A view of the body; it needs no release. */
  ByteBuf newBody() {
    return Unpooled.wrappedBuffer(body);
  }
}
