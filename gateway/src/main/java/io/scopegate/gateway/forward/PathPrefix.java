package io.scopegate.gateway.forward;

import io.scopegate.config.ScalarType;
import java.util.regex.Pattern;

/**
 * What the paths of an upstream begin with: one or more segments that everybody on the path reads
 * alike.
 *
 * @param text begins with a slash and does not end with one
 */
@ScalarType(
    name = "path prefix",
    expected =
        "a path like /tempo, of letters, digits, -, _, ~ and . and without a slash at the end",
    pattern = "^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$")
public record PathPrefix(String text) {
  private static final Pattern PLAIN = Pattern.compile("(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*+)++");
  private static final int MOST_CHARS = 200;

  /** Refuses prefixes that could be read in two ways. */
  public PathPrefix {
    if (text.length() > MOST_CHARS || !PLAIN.matcher(text).matches()) {
      throw new IllegalArgumentException("pathPrefix: " + text + " (expected: a path like /tempo)");
    }
  }

  /**
   * Reads a prefix.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static PathPrefix parse(String text) {
    return new PathPrefix(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
