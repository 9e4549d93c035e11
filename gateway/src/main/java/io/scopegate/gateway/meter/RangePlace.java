package io.scopegate.gateway.meter;

/**
 * Where a request says which range of time it asks for.
 *
 * @param form what is read
 * @param start number of the message's field with the start; 0 without a message
 * @param end number of the message's field with the end; 0 without a message
 * @param nanos whether the fields hold nanoseconds of 64 bits, not seconds of 32
 * @see <a href="https://github.com/grafana/tempo/blob/main/pkg/tempopb/tempo.proto">Tempo's
 *     messages</a>
 */
public record RangePlace(Form form, int start, int end, boolean nanos) {
  /** Nowhere: the request has no range, or its message is unknown. */
  public static final RangePlace NOWHERE = new RangePlace(Form.NONE, 0, 0, false);

  /** In the query of the request target: {@code start}, {@code end} and {@code since}. */
  public static final RangePlace QUERY_STRING = new RangePlace(Form.QUERY_STRING, 0, 0, false);

  /** What is read for it. */
  public enum Form {
    /** Nothing. */
    NONE,
    /** The query of the request target. */
    QUERY_STRING,
    /** The one message of a gRPC call. */
    MESSAGE
  }

  /** Checks that a message's fields can be told apart, and that nothing else has any. */
  public RangePlace {
    boolean fields = start > 0 && end > 0 && start != end;
    boolean none = start == 0 && end == 0 && !nanos;
    if (form == Form.MESSAGE ? !fields : !none) {
      throw new IllegalArgumentException(
          "fields: " + start + ", " + end + " (expected: two different ones, for a message only)");
    }
  }

  /** In these fields of the message, as seconds since the epoch. */
  public static RangePlace seconds(int start, int end) {
    return new RangePlace(Form.MESSAGE, start, end, false);
  }

  /** In these fields of the message, as nanoseconds since the epoch. */
  public static RangePlace nanos(int start, int end) {
    return new RangePlace(Form.MESSAGE, start, end, true);
  }

  /** A field's value in nanoseconds. */
  long time(long value) {
    if (nanos) {
      return value < 0 ? Long.MAX_VALUE : value;
    }
    return QueryTime.times(value & 0xffff_ffffL, 1_000_000_000);
  }
}
