package io.scopegate.gateway.access;

import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Reads the token out of an {@code authorization} header: {@code Bearer} as <a
 * href="https://datatracker.ietf.org/doc/html/rfc6750#section-2.1">RFC 6750</a> has it, or {@code
 * Basic} with the token for a password, which is what Grafana can always be told to send.
 */
final class Credentials {
  private static final AsciiString BEARER = AsciiString.cached("bearer");
  private static final AsciiString BASIC = AsciiString.cached("basic");

  private final boolean basicPassword;
  private final String expected;

  /** Of those who try without one, again and again. */
  private final Found none;

  /**
   * For one configuration.
   *
   * @param basicPassword whether the password of Basic is taken as a token
   */
  Credentials(boolean basicPassword) {
    this.basicPassword = basicPassword;
    this.expected =
        " (expected: `authorization: Bearer TOKEN`"
            + (basicPassword ? ", or Basic with the token as the password)" : ")");
    this.none = refused("no authorization header");
  }

  /** The token in the only value of the header, or why there is none. */
  Found read(@Nullable CharSequence authorization) {
    if (authorization == null) {
      return none;
    }
    int space = AsciiString.indexOf(authorization, ' ', 0);
    if (space < 0) {
      return refused(incomplete(authorization));
    }
    int start = space;
    while (start < authorization.length() && authorization.charAt(start) == ' ') {
      start++;
    }
    CharSequence rest = authorization.subSequence(start, authorization.length());
    if (schemeIs(BEARER, authorization, space)) {
      return token(rest);
    }
    if (basicPassword && schemeIs(BASIC, authorization, space)) {
      return password(rest);
    }
    return refused("authorization header of another scheme");
  }

  /** Why a request with different values of the header has no token. */
  Found several() {
    return refused("several authorization headers with different values");
  }

  /**
   * What a value without a blank lacks. With Forward OAuth Identity Grafana sends an empty one for
   * users without such a login, and a bare token for those who came by its own JWT login.
   */
  private static String incomplete(CharSequence authorization) {
    int length = authorization.length();
    if (length == 0) {
      return "an empty authorization header";
    }
    return schemeIs(BEARER, authorization, length) || schemeIs(BASIC, authorization, length)
        ? "authorization header without a token"
        : "authorization header without a scheme";
  }

  private static boolean schemeIs(AsciiString scheme, CharSequence authorization, int length) {
    return length == scheme.length()
        && AsciiString.regionMatches(authorization, true, 0, scheme, 0, length);
  }

  private Found password(CharSequence base64) {
    byte[] decoded;
    try {
      if (base64.length() % 4 != 0) {
        return refused("Basic credentials that are not base64");
      }
      decoded = Base64.getDecoder().decode(base64.toString());
    } catch (IllegalArgumentException e) {
      return refused("Basic credentials that are not base64");
    }
    String pair = new String(decoded, StandardCharsets.ISO_8859_1);
    int colon = pair.indexOf(':');
    return colon < 0
        ? refused("Basic credentials without a password")
        : token(pair.substring(colon + 1));
  }

  private Found token(CharSequence token) {
    return isToken(token) ? new Found(token, null) : refused("a malformed token");
  }

  /**
   * {@code 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="} of RFC 6750, and ":",
   * which the API server takes and tokens of Rancher hold.
   */
  private static boolean isToken(CharSequence token) {
    int end = token.length();
    while (end > 0 && token.charAt(end - 1) == '=') {
      end--;
    }
    for (int i = 0; i < end; i++) {
      if (!isTokenCharacter(token.charAt(i))) {
        return false;
      }
    }
    return end > 0;
  }

  private static boolean isTokenCharacter(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~'
        || c == '+'
        || c == '/'
        || c == ':';
  }

  private Found refused(String flaw) {
    return new Found(
        null, Refusal.of(Reason.UNAUTHENTICATED, "authentication: " + flaw + expected));
  }

  /**
   * Exactly one of both.
   *
   * @param token the bare token
   * @param refusal why there is none
   */
  record Found(@Nullable CharSequence token, @Nullable Refusal refusal) {
    /** Shows no token. */
    @Override
    public String toString() {
      return refusal == null ? "Found[token=********]" : "Found[refusal=" + refusal + "]";
    }
  }
}
