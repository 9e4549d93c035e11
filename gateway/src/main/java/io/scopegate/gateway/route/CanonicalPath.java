package io.scopegate.gateway.route;

/**
 * Tells whether a request target is written in the one way that everybody on the path reads alike.
 *
 * <p>A path that two parties may read differently ({@code //}, {@code /../}, {@code %2e%2e}, an
 * encoded slash, a path parameter) is refused rather than normalised: what was authorised is then
 * byte for byte what Tempo gets. The name in {@code /api/search/tag/{tag}/values} is the exception,
 * because attribute names hold slashes and escapes; even there no segment may climb.
 *
 * <p>Nearly every path is plain, so {@link #scan} reads it once, hashing on the way, and only a
 * path with something unusual in it is looked at closely.
 */
final class CanonicalPath {
  private static final byte PLAIN = 0;
  private static final byte DOT = 1;
  private static final byte SLASH = 2;
  private static final byte QUERY = 3;

  /** Allowed unescaped, though it should be escaped: in a tag's name only. */
  private static final byte LOOSE = 4;

  private static final byte PERCENT = 5;
  private static final byte NEVER = 6;

  private static final byte[] KINDS = kinds();
  private static final boolean[] UNRESERVED = unreserved();

  private CanonicalPath() {}

  /**
   * Reads a request target.
   *
   * @param target path and query
   * @return the path's end and hash for {@link #end} and {@link #hash}, or a negative number that
   *     {@link PathProblem#of} explains
   */
  static long scan(CharSequence target) {
    int length = target.length();
    if (length == 0 || target.charAt(0) != '/') {
      return PathProblem.NO_SLASH.code();
    }
    int hash = '/';
    boolean unusual = false;
    char previous = '/';
    int end = 1;
    for (; end < length; end++) {
      char c = target.charAt(end);
      byte kind = c < 128 ? KINDS[c] : NEVER;
      if (kind == QUERY) {
        break;
      }
      unusual |= kind > QUERY || (previous == '/' && (kind == SLASH || kind == DOT));
      hash = 31 * hash + c;
      previous = c;
    }
    if (unusual) {
      PathProblem problem = new PathCheck(target, end).problem();
      if (problem != null) {
        return problem.code();
      }
    }
    return end == length || isQuery(target, end + 1)
        ? ((long) end << 32) | (hash & 0xffff_ffffL)
        : PathProblem.QUERY.code();
  }

  /** Where the path ends and the query begins. */
  static int end(long scanned) {
    return (int) (scanned >> 32);
  }

  /** The hash of the path, equal to {@link String#hashCode} of the same characters. */
  static int hash(long scanned) {
    return (int) scanned;
  }

  /** Whether all of a range are unreserved characters (RFC 3986), and there are some. */
  static boolean isUnreserved(CharSequence target, int from, int end) {
    for (int i = from; i < end; i++) {
      char c = target.charAt(i);
      if (c >= 128 || !UNRESERVED[c]) {
        return false;
      }
    }
    return from < end;
  }

  /** Whether a path begins with this. */
  static boolean startsWith(CharSequence target, int end, String prefix) {
    int length = prefix.length();
    return length <= end && regionEquals(target, 0, prefix);
  }

  /** Whether the characters from {@code at} on are these; there must be enough of them. */
  static boolean regionEquals(CharSequence target, int at, String expected) {
    for (int i = expected.length() - 1; i >= 0; i--) {
      if (target.charAt(at + i) != expected.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a character is allowed in a path outside of a tag's name. */
  static boolean isStrict(char c) {
    return c < 128 && KINDS[c] < LOOSE;
  }

  /** Whether a character is allowed in a tag's name: those of raw UTF-8, too. */
  static boolean isLoose(char c) {
    return c < 128 ? KINDS[c] < PERCENT : c <= 0xff;
  }

  /**
   * Tempo checks the query itself. Here it only must not end the request line. Bytes above ASCII
   * pass: curl and others send them unescaped.
   */
  private static boolean isQuery(CharSequence target, int from) {
    for (int i = from; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c == '#' || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return true;
  }

  private static byte[] kinds() {
    byte[] kinds = new byte[128];
    for (char c = 0; c < 128; c++) {
      kinds[c] = kind(c);
    }
    return kinds;
  }

  private static byte kind(char c) {
    if (c <= ' ' || c == 0x7f) {
      return NEVER;
    }
    return switch (c) {
      case '.' -> DOT;
      case '/' -> SLASH;
      case '?' -> QUERY;
      case '%' -> PERCENT;
      case '#', '\\' -> NEVER;
      case ';', '"', '<', '>', '[', ']', '^', '`', '{', '|', '}' -> LOOSE;
      default -> PLAIN;
    };
  }

  private static boolean[] unreserved() {
    boolean[] unreserved = new boolean[128];
    for (char c = '0'; c <= 'z'; c++) {
      unreserved[c] = c <= '9' || (c >= 'A' && c <= 'Z') || c >= 'a';
    }
    for (char c : "-._~".toCharArray()) {
      unreserved[c] = true;
    }
    return unreserved;
  }
}
