package io.scopegate.gateway.answer;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.config.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells browsers which pages may read the answers of a listener. It grants no access: a page needs
 * a token like every client. Only the preflight request is answered without one, and always in the
 * same way.
 *
 * @see <a href="https://fetch.spec.whatwg.org/#http-cors-protocol">the CORS protocol</a>
 */
public final class Cors {
  private static final AsciiString ALLOW_ORIGIN = HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN;
  private static final AsciiString ALLOW_CREDENTIALS =
      HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS;
  private static final AsciiString ALLOW_METHODS = HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS;
  private static final AsciiString ALLOW_HEADERS = HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS;
  private static final AsciiString MAX_AGE = HttpHeaderNames.ACCESS_CONTROL_MAX_AGE;
  private static final AsciiString EXPOSE = HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS;
  private static final List<AsciiString> OF_THE_GATE =
      List.of(ALLOW_ORIGIN, ALLOW_CREDENTIALS, ALLOW_METHODS, ALLOW_HEADERS, MAX_AGE, EXPOSE);
  private static final int MOST_OF_AN_ORIGIN = 100;
  private static final AsciiString TRUE = AsciiString.cached("true");
  private static final AsciiString ASKED_VARY =
      AsciiString.cached("origin, access-control-request-method, access-control-request-headers");
  private static final AsciiString METHODS = AsciiString.cached("GET, POST, PATCH, DELETE");

  /** What OTLP's, gRPC-Web's and Tempo's clients send. */
  private static final List<String> USUAL_HEADERS =
      List.of(
          "authorization",
          "content-type",
          "content-encoding",
          "x-request-id",
          "traceparent",
          "tracestate",
          "grpc-timeout",
          "x-grpc-web",
          "x-user-agent",
          "if-match");

  private static final AsciiString EXPOSED =
      AsciiString.cached(
          "grpc-status, grpc-message, grpc-status-details-bin, retry-after, x-ratelimit-limit,"
              + " x-ratelimit-remaining, x-ratelimit-reset, x-request-id, www-authenticate, etag");

  private final List<Pages> listed;
  private final Pages others = new Pages(null);
  private final boolean any;
  private final boolean credentials;
  private final AsciiString headers;
  private final AsciiString maxAge;

  private Cors(CorsConfig config, String tenantHeader) {
    listed = config.origins().stream().map(AsciiString::of).map(Pages::new).toList();
    any = config.origins().contains(CorsConfig.ANY);
    credentials = config.credentials();
    List<String> all = new ArrayList<>(USUAL_HEADERS);
    all.add(tenantHeader);
    all.addAll(config.headers());
    headers = AsciiString.of(String.join(", ", all).toLowerCase(Locale.ROOT));
    maxAge = AsciiString.of(Long.toString(config.maxAge().toSeconds()));
  }

  /**
   * For a listener.
   *
   * @param tenantHeader the tenant header
   * @return null when no page of another origin is allowed
   */
  public static @Nullable Cors of(CorsConfig config, String tenantHeader) {
    return config.origins().isEmpty() ? null : new Cors(config, tenantHeader);
  }

  /**
   * The refusal of a request, or for a preflight request the one that names its origin: only the
   * method tells that this is not answered, which is no help to who has to set the origins.
   */
  public static Refusal refused(Refusal refusal, Http2Headers head) {
    CharSequence origin = head.get(HttpHeaderNames.ORIGIN);
    return origin == null
            || refusal.reason() != Refusal.Reason.METHOD_NOT_ALLOWED
            || !isPreflight(head)
        ? refusal
        : new Refusal(
            refusal.reason(),
            "origin: "
                + Printable.quotedAscii(origin, MOST_OF_AN_ORIGIN)
                + " may not use this listener (expected: an origin in its cors.origins)",
            0,
            refusal.allow());
  }

  private static boolean isPreflight(Http2Headers head) {
    return HttpMethod.OPTIONS.asciiName().contentEquals(head.method())
        && head.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
  }

  /** The pages that a request comes from, as its head says. */
  public Pages pages(Http2Headers head) {
    CharSequence origin = head.get(HttpHeaderNames.ORIGIN);
    for (int i = 0; origin != null && i < listed.size(); i++) {
      if (any || listed.get(i).are(origin)) {
        return listed.get(i);
      }
    }
    return others;
  }

  /** Pages of one origin, or all those that are not allowed. */
  public final class Pages {
    private final @Nullable AsciiString allowed;

    private Pages(@Nullable AsciiString allowed) {
      this.allowed = allowed;
    }

    private boolean are(CharSequence origin) {
      return allowed != null && allowed.contentEquals(origin);
    }

    /** Whether they are allowed, and may read their answers. */
    public boolean areLetIn() {
      return allowed != null;
    }

    /** Whether this is a preflight request, which gets {@link #reply}. */
    public boolean ask(Http2Headers head) {
      return allowed != null && isPreflight(head);
    }

    /** The complete answer to a preflight request. */
    public Reply reply(String requestId) {
      Http2Headers head = new DefaultHttp2Headers(false, 12);
      head.status("204");
      head.add(Answers.REQUEST_ID, requestId);
      allow(head);
      head.add(ALLOW_METHODS, METHODS);
      head.add(ALLOW_HEADERS, headers);
      head.add(MAX_AGE, maxAge);
      head.add(HttpHeaderNames.VARY, ASKED_VARY);
      return new Reply(head, new byte[0], 204, -1);
    }

    /** Adds the CORS headers to the head of an answer, replacing those from upstream. */
    public void mark(Http2Headers head) {
      for (int i = 0; i < OF_THE_GATE.size(); i++) {
        head.remove(OF_THE_GATE.get(i));
      }
      head.add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
      allow(head);
      if (allowed != null) {
        head.set(EXPOSE, EXPOSED);
      }
    }

    private void allow(Http2Headers head) {
      if (allowed != null) {
        head.set(ALLOW_ORIGIN, allowed);
      }
      if (allowed != null && credentials) {
        head.set(ALLOW_CREDENTIALS, TRUE);
      }
    }
  }
}
