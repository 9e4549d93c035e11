package io.scopegate.gateway.route;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The host that a request is for: one, and written so that everybody on the path reads it alike.
 * See <a href="https://datatracker.ietf.org/doc/html/rfc9110#section-7.2">RFC 9110 7.2</a> and <a
 * href="https://datatracker.ietf.org/doc/html/rfc9113#section-8.3.1">RFC 9113 8.3.1</a>.
 */
public final class Authority {
  private static final AsciiString HOST = HttpHeaderNames.HOST;

  private Authority() {}

  /**
   * Leaves a head with its authority only.
   *
   * @return why it cannot be, or null
   */
  public static @Nullable Refusal canonicalize(Http2Headers head) {
    if (head.contains(HOST)) {
      List<CharSequence> hosts = head.getAllAndRemove(HOST);
      CharSequence authority = head.authority();
      if (authority == null) {
        head.authority(hosts.get(0));
      }
      if (hosts.size() > 1
          || !AsciiString.contentEqualsIgnoreCase(head.authority(), hosts.get(0))) {
        return bad("two different hosts (expected: one)");
      }
    }
    CharSequence authority = head.authority();
    return authority == null || isPlain(authority)
        ? null
        : bad("the host is invalid (expected: a name or an address, with an optional port)");
  }

  /** Empty is fine: HTTP/1.1 wants the line even where a client knows no name. */
  static boolean isPlain(CharSequence authority) {
    for (int i = 0; i < authority.length(); i++) {
      if (!isPlain(authority.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Names, addresses of both kinds, ports; no user, path, query or list. */
  private static boolean isPlain(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '-' && c <= ':' && c != '/'
        || c == '_'
        || c == '~'
        || c == '%'
        || c == '['
        || c == ']';
  }

  private static Refusal bad(String what) {
    return Refusal.of(Reason.MALFORMED, "route: " + what);
  }
}
