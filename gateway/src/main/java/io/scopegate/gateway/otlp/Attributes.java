package io.scopegate.gateway.otlp;

/**
 * Writes attributes of a resource, a span or a log record; what is empty is left out.
 *
 * @param field of the list of attributes in the message that is written
 * @see <a
 *     href="https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/common/v1/common.proto">KeyValue</a>
 */
public record Attributes(ProtoBytes out, int field) {
  /** No value is longer in characters. */
  public static final int MOST_CHARS = 1024;

  private static final int VALUE = 2;
  private static final int STRING = 1;
  private static final int BOOLEAN = 2;
  private static final int INTEGER = 3;

  /** A text; left out when it is empty. */
  public Attributes text(AttributeKey key, CharSequence value) {
    return text(key, value, 0, value.length());
  }

  /**
   * A part of a text; left out when it is empty.
   *
   * @param from the first character
   * @param to the one behind the last
   */
  public Attributes text(AttributeKey key, CharSequence value, int from, int to) {
    if (from < to) {
      int pair = begin(key);
      int any = out.begin(VALUE);
      out.text(STRING, value, from, Math.min(to, from + MOST_CHARS));
      out.end(any);
      out.end(pair);
    }
    return this;
  }

  /** A whole number of at least 0. */
  public Attributes number(AttributeKey key, long value) {
    return number(key, INTEGER, value);
  }

  /** A flag that is set; left out when it is not. */
  public Attributes flag(AttributeKey key, boolean value) {
    return value ? number(key, BOOLEAN, 1) : this;
  }

  private Attributes number(AttributeKey key, int kind, long value) {
    int pair = begin(key);
    int any = out.begin(VALUE);
    out.number(kind, value);
    out.end(any);
    out.end(pair);
    return this;
  }

  private int begin(AttributeKey key) {
    int pair = out.begin(field);
    key.writeTo(out);
    return pair;
  }
}
