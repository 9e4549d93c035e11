package io.scopegate.gateway.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.exchange.NeutralHeads;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 heads to neutral ones and back: <a
 * href="https://datatracker.ietf.org/doc/html/rfc9110#section-7.6.1">RFC 9110 7.6.1</a> (hop-by-hop
 * fields) and <a href="https://datatracker.ietf.org/doc/html/rfc9113#section-8.3">RFC 9113 8.3</a>.
 */
public final class Heads {
  static final AsciiString CONNECTION = AsciiString.cached("connection");
  private static final AsciiString TE = AsciiString.cached("te");
  private static final AsciiString TRAILERS = AsciiString.cached("trailers");
  private static final AsciiString HTTP = AsciiString.cached("http");

  /** Both decoders have validated names and values; doing it again would only cost. */
  private static final HttpHeadersFactory PLAIN =
      DefaultHttpHeadersFactory.headersFactory().withValidation(false);

  private Heads() {}

  /** Whether the field, in lower case, concerns one connection only. */
  private static boolean hopByHop(CharSequence name) {
    return switch (name.length()) {
      case 6 -> AsciiString.contentEquals("expect", name);
      case 7 -> AsciiString.contentEquals("upgrade", name);
      case 10 ->
          AsciiString.contentEquals(CONNECTION, name)
              || AsciiString.contentEquals("keep-alive", name);
      case 14 -> AsciiString.contentEquals("http2-settings", name);
      case 16 -> AsciiString.contentEquals("proxy-connection", name);
      case 17 -> AsciiString.contentEquals("transfer-encoding", name);
      default -> false;
    };
  }

  private static void copy(HttpHeaders from, Http2Headers to) {
    List<String> named = null;
    Iterator<Map.Entry<CharSequence, CharSequence>> i = from.iteratorCharSequence();
    while (i.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = i.next();
      AsciiString name = AsciiString.of(field.getKey()).toLowerCase();
      if (hopByHop(name)) {
        if (AsciiString.contentEquals(CONNECTION, name)) {
          named = addTokens(named, field.getValue());
        }
      } else if (TE.contentEquals(name)) {
        keepTrailersOnly(field.getValue(), to);
      } else if (!HttpHeaderNames.HOST.contentEquals(name)) {
        to.add(name, field.getValue());
      }
    }
    if (named != null) {
      named.forEach(to::remove);
    }
  }

  /** The fields that a Connection field names go no further. */
  private static @Nullable List<String> addTokens(
      @Nullable List<String> named, CharSequence value) {
    List<String> all = named;
    for (String token : value.toString().toLowerCase(Locale.ROOT).split(",")) {
      String t = token.trim();
      boolean option = t.equals("close") || t.equals("keep-alive") || t.equals("te");
      if (!t.isEmpty() && t.charAt(0) != ':' && !option) { // a pseudo-header is no field
        all = all == null ? new ArrayList<>() : all;
        all.add(t);
      }
    }
    return all;
  }

  private static void keepTrailersOnly(CharSequence te, Http2Headers to) {
    if (te.toString().toLowerCase(Locale.ROOT).contains("trailers")) {
      to.set(TE, TRAILERS);
    }
  }

  /** The head of {@code 100 (Continue)}. */
  static Http2Headers continueHead() {
    return new DefaultHttp2Headers(false, 1).status("100");
  }

  // ---- HTTP/1.1 in

  /** A request head; null when its target is in no form that names a path. */
  static @Nullable Http2Headers request(HttpRequest r) {
    String target = r.uri();
    String host = r.headers().get(HttpHeaderNames.HOST);
    if (target.startsWith("http://") || target.startsWith("https://")) {
      // the absolute form's authority wins over Host: RFC 9112 3.2.2
      int start = target.indexOf("//") + 2;
      int slash = target.indexOf('/', start);
      host = target.substring(start, slash < 0 ? target.length() : slash);
      if (host.isEmpty()) {
        return null;
      }
      target = slash < 0 ? "/" : target.substring(slash);
    } else if (!target.startsWith("/")) {
      return null;
    }
    Http2Headers h = new DefaultHttp2Headers(false, 16);
    h.method(r.method().asciiName()).path(target).scheme(HTTP);
    if (host != null) {
      h.authority(host);
    }
    copy(r.headers(), h);
    return h;
  }

  static Http2Headers response(HttpResponse r) {
    Http2Headers h = new DefaultHttp2Headers(false, 16);
    h.status(r.status().codeAsText());
    copy(r.headers(), h);
    return h;
  }

  static Http2Headers trailers(HttpHeaders t) {
    Http2Headers h = new DefaultHttp2Headers(false, 8);
    copy(t, h);
    return NeutralHeads.cleanTrailers(h);
  }

  // ---- HTTP/1.1 out

  static HttpHeaders http1(Http2Headers h) {
    HttpHeaders out = PLAIN.newHeaders();
    StringBuilder cookies = null;
    for (Map.Entry<CharSequence, CharSequence> field : h) {
      CharSequence name = field.getKey();
      if (name.charAt(0) == ':') {
        continue;
      }
      if (AsciiString.contentEquals(HttpHeaderNames.COOKIE, name)) {
        // HTTP/2 may split it, HTTP/1.1 has one line: RFC 9113 8.2.3
        cookies = cookies == null ? new StringBuilder() : cookies.append("; ");
        cookies.append(field.getValue());
      } else if (!AsciiString.contentEquals(TE, name)) {
        out.add(name, field.getValue());
      }
    }
    if (cookies != null) {
      out.set(HttpHeaderNames.COOKIE, cookies.toString());
    }
    return out;
  }

  static HttpRequest request(Http2Headers h, boolean end) {
    HttpHeaders out = http1(h);
    CharSequence authority = h.authority();
    if (authority != null) {
      out.set(HttpHeaderNames.HOST, authority);
    } else if (!out.contains(HttpHeaderNames.HOST)) {
      out.set(HttpHeaderNames.HOST, "");
    }
    if (h.contains(TE)) {
      out.set(TE, TRAILERS).set(CONNECTION, TE);
    }
    HttpMethod method = HttpMethod.valueOf(h.method().toString());
    String path = h.path().toString();
    if (end) {
      if (expectsBody(method) && !out.contains(HttpHeaderNames.CONTENT_LENGTH)) {
        out.set(HttpHeaderNames.CONTENT_LENGTH, "0");
      }
      return new DefaultFullHttpRequest(
          HttpVersion.HTTP_1_1,
          method,
          path,
          Unpooled.EMPTY_BUFFER,
          out,
          EmptyHttpHeaders.INSTANCE);
    }
    if (!out.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      out.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, path, out);
  }

  private static boolean expectsBody(HttpMethod m) {
    return m.equals(HttpMethod.POST) || m.equals(HttpMethod.PUT) || m.equals(HttpMethod.PATCH);
  }

  static HttpContent last(Http2Headers trailers) {
    LastHttpContent last = new DefaultLastHttpContent();
    last.trailingHeaders().add(http1(trailers));
    return last;
  }
}
