package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.concurrent.FastThreadLocal;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Reply;
import org.jspecify.annotations.Nullable;

/**
 * What calls over a rate are told, as header blocks, all but the request's id: clients of one
 * tenant are told the same but for the time to wait, which takes few values. For one event loop and
 * all its connections: no field refers to a dynamic table, nor enters one (<a
 * href="https://datatracker.ietf.org/doc/html/rfc7541#section-6.2.3">RFC 7541 6.2.3</a>).
 */
final class EncodedRefusals {
  private static final int SLOTS = 512; // a power of two
  private static final int USUAL_BYTES = 512;

  private static final FastThreadLocal<EncodedRefusals> OF_LOOP =
      new FastThreadLocal<>() {
        @Override
        protected EncodedRefusals initialValue() {
          return new EncodedRefusals();
        }
      };

  private final @Nullable Encoded[] slots = new Encoded[SLOTS];
  private final Http2HeadersEncoder encoder =
      new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.ALWAYS_SENSITIVE);

  /**
   * A refusal.
   *
   * @param detail its text, found again by identity
   * @param retryAfterMillis how long the client should wait
   * @param status the HTTP status
   * @param grpcStatus the gRPC status
   * @param block the fields, encoded
   */
  @SuppressWarnings("ArrayRecordComponent") // written once, only read; nobody compares them
  record Encoded(String detail, long retryAfterMillis, int status, int grpcStatus, byte[] block) {}

  /** Those of the event loop that this is called on. */
  static EncodedRefusals ofThisLoop() {
    return OF_LOOP.get();
  }

  /** The block of a refusal. */
  Encoded of(Refusal refusal) {
    String detail = refusal.detail();
    long millis = refusal.retryAfterMillis();
    int slot = (System.identityHashCode(detail) * 31 + (int) millis) & SLOTS - 1;
    Encoded known = slots[slot];
    if (known == null || known.detail != detail || known.retryAfterMillis != millis) {
      known = encoded(refusal);
      slots[slot] = known;
    }
    return known;
  }

  private Encoded encoded(Refusal refusal) {
    Reply reply = Answers.reply(refusal, Dialect.GRPC, true, "");
    Http2Headers head = reply.head();
    head.remove(Answers.REQUEST_ID);
    ByteBuf block = Unpooled.buffer(USUAL_BYTES);
    try {
      encoder.encodeHeaders(0, head, block);
    } catch (Http2Exception e) {
      throw new IllegalStateException("head: larger than any limit", e);
    }
    return new Encoded(
        refusal.detail(),
        refusal.retryAfterMillis(),
        reply.status(),
        reply.grpcStatus(),
        ByteBufUtil.getBytes(block));
  }
}
