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
 * What calls are told that are refused one after the other, as header blocks, all but the request's
 * id: clients of one tenant are told the same but for the time to wait, which takes few values. For
 * one event loop and all its connections: no field refers to a dynamic table, nor enters one (<a
 * href="https://datatracker.ietf.org/doc/html/rfc7541#section-6.2.3">RFC 7541 6.2.3</a>).
 */
final class EncodedRefusals {
  private static final int SLOTS = 512; // a power of two
  private static final int USUAL_BYTES = 512;

  /** Longer texts, which name what a client may choose, are not kept. */
  private static final int MOST_CHARS = 1024;

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
   * @param reason its kind
   * @param detail its text
   * @param retryAfterMillis how long the client should wait
   * @param status the HTTP status
   * @param grpcStatus the gRPC status
   * @param block the fields, encoded
   */
  @SuppressWarnings("ArrayRecordComponent") // written once, only read; nobody compares them
  record Encoded(
      Refusal.Reason reason,
      String detail,
      long retryAfterMillis,
      int status,
      int grpcStatus,
      byte[] block) {
    /** Whether clients are told this one. */
    boolean is(Refusal refusal) {
      return retryAfterMillis == refusal.retryAfterMillis()
          && reason == refusal.reason()
          && detail.equals(refusal.detail());
    }
  }

  /** Those of the event loop that this is called on. */
  static EncodedRefusals ofThisLoop() {
    return OF_LOOP.get();
  }

  /** The block of a refusal. */
  Encoded of(Refusal refusal) {
    String detail = refusal.detail();
    long millis = refusal.retryAfterMillis();
    int hash = detail.hashCode() * 31 + (int) millis;
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    Encoded known = slots[slot];
    if (known != null && known.is(refusal)) {
      return known;
    }
    Encoded made = encoded(refusal);
    if (detail.length() <= MOST_CHARS) {
      slots[slot] = made;
    }
    return made;
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
        refusal.reason(),
        refusal.detail(),
        refusal.retryAfterMillis(),
        reply.status(),
        reply.grpcStatus(),
        ByteBufUtil.getBytes(block));
  }
}
