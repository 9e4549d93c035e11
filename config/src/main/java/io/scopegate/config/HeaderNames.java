package io.scopegate.config;

import java.util.regex.Pattern;

/** Names of HTTP headers. */
public final class HeaderNames {
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}");

  private HeaderNames() {}

  /**
   * Whether this can be a header's name: a token of at most 256 characters.
   *
   * @see <a href="https://datatracker.ietf.org/doc/html/rfc9110#section-5.6.2">RFC 9110, section
   *     5.6.2</a>
   */
  public static boolean isToken(String name) {
    return TOKEN.matcher(name).matches();
  }
}
