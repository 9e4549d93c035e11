package io.scopegate.gateway.exchange;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.answer.Answers;

/** Reads heads and trailers as they are between the two ends, whatever protocol they came by. */
public final class NeutralHeads {
  /** What a field costs on the heap besides its characters: an entry, two strings, a bucket. */
  private static final int FIELD_BYTES = 128;

  private NeutralHeads() {}

  /** The status of a response head; 0 when it has none that is a number. */
  public static int status(Http2Headers head) {
    CharSequence s = head.status();
    return s == null || s.length() != 3 ? 0 : number(s, 0);
  }

  /** The gRPC status of a head or of trailers; otherwise what was known before. */
  public static int grpcStatus(Http2Headers h, int before) {
    CharSequence s = h.get(Answers.GRPC_STATUS);
    return s == null || s.length() > 3 ? before : number(s, before);
  }

  private static int number(CharSequence s, int otherwise) {
    int n = 0;
    for (int i = 0; i < s.length(); i++) {
      int digit = s.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return otherwise;
      }
      n = n * 10 + digit;
    }
    return n;
  }

  /**
   * Takes out what must not pass in trailers. The HTTP/2 codec refuses most of it; trailers that
   * came in chunks over HTTP/1.1 can hold anything.
   *
   * @return the same object
   */
  public static Http2Headers cleanTrailers(Http2Headers trailers) {
    trailers.remove(HttpHeaderNames.CONTENT_LENGTH);
    trailers.remove(HttpHeaderNames.HOST);
    trailers.remove(HttpHeaderNames.TRAILER);
    trailers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    return trailers;
  }

  /** About how many bytes of heap the fields take; a short field costs far more than its bytes. */
  static int heapBytes(Http2Headers fields) {
    long bytes = (long) fields.size() * FIELD_BYTES;
    for (var field : fields) {
      bytes += field.getKey().length() + field.getValue().length();
    }
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }
}
