package io.scopegate.gateway.meter;

import org.jspecify.annotations.Nullable;

/**
 * Reads the end of a JSON object from the name {@code metrics} on: the numbers in it, which
 * protobuf's JSON writes as digits or, if they are long, as strings of digits, and then whatever
 * follows, to see that the object ends with the last byte. It does not check the rest of the JSON,
 * which is Tempo's.
 */
final class JsonMetrics {
  private static final long MOST_BEFORE_A_DIGIT = (Long.MAX_VALUE - 9) / 10;

  private final byte[] text;
  private final QueryCost cost = new QueryCost();
  private int next;
  private int depth = 1;
  private boolean isFirst = true;
  private boolean inMetrics;
  private int nameFrom;
  private int nameTo;
  private @Nullable QueryFigure figure;
  private long value;

  /**
   * Nothing is read yet.
   *
   * @param from where the name's first quote is
   */
  JsonMetrics(byte[] text, int from) {
    this.text = text;
    this.next = from;
  }

  /** What is said; not {@link QueryCost#isKnown} where these are not the object's metrics. */
  QueryCost read() {
    while (next < text.length && depth > 0) {
      structure(text[next]);
      next++;
    }
    while (next < text.length && isSpace(text[next])) {
      next++;
    }
    return depth == 0 && next == text.length ? cost : new QueryCost();
  }

  static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private void structure(byte at) {
    switch (at) {
      case '"' -> string();
      case ':' -> colon();
      case ',' -> endOfValue();
      case '{', '[' -> open(at == '{');
      case '}', ']' -> close();
      default -> {
        if (figure != null && !isSpace(at)) {
          digit(at);
        }
      }
    }
  }

  /** Goes to its last quote; it may be a name, or the digits of a number. */
  private void string() {
    nameFrom = next + 1;
    next = nameFrom;
    while (next < text.length && text[next] != '"') {
      if (figure != null) {
        digit(text[next]);
      }
      next += text[next] == '\\' ? 2 : 1;
    }
    nameTo = Math.min(next, text.length);
  }

  private void colon() {
    figure = depth == 2 && inMetrics ? QueryFigure.named(text, nameFrom, nameTo) : null;
    value = 0;
  }

  private void digit(byte at) {
    if (at < '0' || at > '9' || value > MOST_BEFORE_A_DIGIT) {
      figure = null; // no whole number
    } else {
      value = value * 10 + (at - '0');
    }
  }

  /** The first value is that of the name where reading began. */
  private void open(boolean object) {
    figure = null;
    depth++;
    if (isFirst && object) {
      inMetrics = true;
      cost.found();
    }
    isFirst = false;
  }

  private void close() {
    endOfValue();
    depth--;
    if (depth < 2) {
      inMetrics = false;
    }
  }

  private void endOfValue() {
    if (figure != null) {
      cost.atLeast(figure, value);
      figure = null;
    }
    isFirst = false;
  }
}
