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

  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int STRING = 1;
  private static final int BOOLEAN = 2;
  private static final int INTEGER = 3;

  /** A text; left out when it is empty. */
  public Attributes text(String key, CharSequence value) {
    if (value.length() > 0) {
      int pair = begin(key);
      int any = out.begin(VALUE);
      out.text(STRING, value, MOST_CHARS);
      out.end(any);
      out.end(pair);
    }
    return this;
  }

  /** A whole number of at least 0. */
  public Attributes number(String key, long value) {
    int pair = begin(key);
    int any = out.begin(VALUE);
    out.number(INTEGER, value);
    out.end(any);
    out.end(pair);
    return this;
  }

  /** A flag that is set; left out when it is not. */
  public Attributes flag(String key, boolean value) {
    if (value) {
      int pair = begin(key);
      int any = out.begin(VALUE);
      out.number(BOOLEAN, 1);
      out.end(any);
      out.end(pair);
    }
    return this;
  }

  private int begin(String key) {
    int pair = out.begin(field);
    out.text(KEY, key, MOST_CHARS);
    return pair;
  }
}
