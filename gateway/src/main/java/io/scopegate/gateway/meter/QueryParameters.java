package io.scopegate.gateway.meter;

import org.jspecify.annotations.Nullable;

/**
 * The parameters of a query string, read as Go does: names may be escaped, and a pair with a broken
 * escape or a semicolon is passed over.
 */
final class QueryParameters {
  /** The longest name that anybody asks for has nine characters, each may be escaped. */
  private static final int LONGEST_NAME = 27;

  private final CharSequence query;

  private QueryParameters(CharSequence query) {
    this.query = query;
  }

  /** Is told of each parameter with a name that is not too long, in their order. */
  interface Taker {
    void take(String name, Value value);
  }

  /** A value that is decoded when somebody wants it. */
  final class Value {
    private final int from;
    private final int to;

    private Value(int from, int to) {
      this.from = from;
      this.to = to;
    }

    /** Without escapes; null when it is broken. */
    @Nullable String text() {
      return decoded(from, to);
    }
  }

  /** Reads a query string without its question mark. */
  static void read(CharSequence query, Taker taker) {
    new QueryParameters(query).read(taker);
  }

  private void read(Taker taker) {
    int from = 0;
    for (int i = 0; i <= query.length(); i++) {
      if (i == query.length() || query.charAt(i) == '&') {
        pair(from, i, taker);
        from = i + 1;
      }
    }
  }

  private void pair(int from, int to, Taker taker) {
    int equals = from;
    while (equals < to && query.charAt(equals) != '=') {
      equals++;
    }
    String name = equals - from > LONGEST_NAME ? null : decoded(from, equals);
    if (name != null) {
      taker.take(name, new Value(equals + 1, to));
    }
  }

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
