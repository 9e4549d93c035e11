package io.scopegate.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.scopegate.gateway.answer.Refusal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an HTTP/1.1 head says about where its message ends: <a
 * href="https://datatracker.ietf.org/doc/html/rfc9112#section-6.3">RFC 9112 6.3</a>. A request that
 * two readers could split differently is refused.
 */
final class Http1Heads {
  /** Of a head or trailers. */
  private static final Refusal TOO_LARGE =
      Refusal.of(
          Refusal.Reason.HEADERS_TOO_LARGE,
          "route: the request line, the headers or the trailers are larger than"
              + " clients.maxHeaderBytes, or are more than "
              + FieldLimit.MOST_FIELDS
              + " fields");

  private Http1Heads() {}

  /** How the end of a response's body is found. */
  enum Framing {
    /** By the head alone: there is no body, or its length is given. */
    BY_HEAD,
    CHUNKED,
    /** By the end of the connection. */
    BY_CLOSE
  }

  /** What is wrong with a request's head; null when nothing is. */
  static @Nullable Refusal malformed(HttpRequest r) {
    if (r.decoderResult().isFailure()) {
      Throwable t = r.decoderResult().cause();
      return t instanceof TooLongHttpHeaderException || t instanceof TooLongHttpLineException
          ? TOO_LARGE
          : bad("the request is not valid HTTP/1.1");
    }
    if (r.protocolVersion().majorVersion() != 1) {
      return bad("only HTTP/1.0 and HTTP/1.1 are understood in this form");
    }
    List<String> hosts = r.headers().getAll(HttpHeaderNames.HOST);
    boolean version11 = r.protocolVersion().equals(HttpVersion.HTTP_1_1);
    if (hosts.size() > 1 || hosts.isEmpty() && version11) {
      return bad("exactly one Host header is needed");
    }
    return malformedCodings(r.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING), version11);
  }

  private static @Nullable Refusal malformedCodings(List<String> codings, boolean version11) {
    if (codings.isEmpty()) {
      return null;
    }
    if (codings.size() > 1 || !codings.get(0).trim().equalsIgnoreCase("chunked")) {
      return bad("the only transfer encoding that is understood is chunked");
    }
    return version11 ? null : bad("HTTP/1.0 has no transfer encodings");
  }

  /** Why a body is refused that was not decoded to its end, for this reason. */
  static Refusal brokenBody(@Nullable Throwable cause) {
    return cause instanceof TooLongHttpHeaderException
        ? TOO_LARGE
        : bad("the request's body is not framed as HTTP/1.1 wants it");
  }

  /** A request that cannot be read. */
  static Refusal bad(String what) {
    return Refusal.of(Refusal.Reason.MALFORMED, "route: " + what);
  }

  /** Whether a request ends with its head. */
  static boolean isBodyless(HttpRequest r) {
    return !HttpUtil.isTransferEncodingChunked(r) && HttpUtil.getContentLength(r, 0L) <= 0;
  }

  /**
   * Says in a response's head how its body ends, where it does not say so yet.
   *
   * @param toHead whether the request was HEAD
   * @param end whether there is no body
   * @param old whether the client speaks HTTP/1.0, which has no chunks
   */
  static Framing frame(HttpHeaders out, int code, boolean toHead, boolean end, boolean old) {
    boolean never = toHead || code == 204 || code == 304;
    if (never || out.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      return Framing.BY_HEAD;
    }
    if (end) {
      out.set(HttpHeaderNames.CONTENT_LENGTH, "0");
      return Framing.BY_HEAD;
    }
    if (old) {
      return Framing.BY_CLOSE;
    }
    out.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    return Framing.CHUNKED;
  }
}
