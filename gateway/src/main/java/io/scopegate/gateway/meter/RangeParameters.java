package io.scopegate.gateway.meter;

import org.jspecify.annotations.Nullable;

/**
 * The first {@code start}, {@code end} and {@code since} of a query string, read as Go does: names
 * may be escaped, a pair with a broken escape or a semicolon is passed over, and an empty value is
 * none.
 */
final class RangeParameters {
  /** A name of five characters, each escaped. */
  private static final int LONGEST_NAME = 15;

  private final CharSequence query;
  private @Nullable String start;
  private @Nullable String end;
  private @Nullable String since;

  RangeParameters(CharSequence query) {
    this.query = query;
    int from = 0;
    for (int i = 0; i <= query.length(); i++) {
      if (i == query.length() || query.charAt(i) == '&') {
        pair(from, i);
        from = i + 1;
      }
    }
  }

  @Nullable String start() {
    return start;
  }

  @Nullable String end() {
    return end;
  }

  @Nullable String since() {
    return since;
  }

  private void pair(int from, int to) {
    int equals = from;
    while (equals < to && query.charAt(equals) != '=') {
      equals++;
    }
    String name = equals - from > LONGEST_NAME ? null : decoded(from, equals);
    if (name == null) {
      return;
    }
    switch (name) {
      case "start" -> start = start == null ? decoded(equals + 1, to) : start;
      case "end" -> end = end == null ? decoded(equals + 1, to) : end;
      case "since" -> since = since == null ? decoded(equals + 1, to) : since;
      default -> {}
    }
  }

  /** Without escapes; null when it is broken. */
  private @Nullable String decoded(int from, int to) {
    StringBuilder plain = new StringBuilder(Math.max(0, to - from));
    for (int i = from; i < to; i++) {
      char c = query.charAt(i);
      if (c == '%') {
        int value = i + 2 < to ? escaped(i + 1) : -1;
        if (value < 0) {
          return null;
        }
        plain.append((char) value);
        i += 2;
      } else if (c == ';') {
        return null;
      } else {
        plain.append(c == '+' ? ' ' : c);
      }
    }
    return plain.toString();
  }

  private int escaped(int index) {
    int high = hex(query.charAt(index));
    int low = hex(query.charAt(index + 1));
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  private static int hex(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }
}
