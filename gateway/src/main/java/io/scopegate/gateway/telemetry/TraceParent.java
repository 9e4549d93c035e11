package io.scopegate.gateway.telemetry;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A {@code traceparent}: a trace, a span in it, and whether it is recorded.
 *
 * @param high the first half of the trace's id
 * @param low the second half; not both are 0
 * @param span the span's id; not 0
 * @param flags one byte
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">Trace Context</a>
 */
record TraceParent(long high, long low, long span, int flags) {
  /** The flag of a trace that is recorded. */
  static final int SAMPLED = 1;

  /** The flag of a trace whose id is random. */
  static final int RANDOM = 2;

  private static final int LENGTH = 55;
  private static final int TRACE = 3;
  private static final int SPAN = 36;
  private static final int FLAGS = 53;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /**
   * Reads one.
   *
   * @return null for what is none: it is as if the request had no trace
   */
  static @Nullable TraceParent parse(CharSequence text) {
    int length = text.length();
    if (length < LENGTH
        || text.charAt(2) != '-'
        || text.charAt(SPAN - 1) != '-'
        || text.charAt(FLAGS - 1) != '-'
        || !isHex(text, 0, 2)
        || !isHex(text, TRACE, SPAN - 1)
        || !isHex(text, SPAN, FLAGS - 1)
        || !isHex(text, FLAGS, LENGTH)) {
      return null;
    }
    long version = hex(text, 0, 2);
    // versions to come may have more behind it, ours has not
    boolean fits = version == 0 ? length == LENGTH : length == LENGTH || text.charAt(LENGTH) == '-';
    long high = hex(text, TRACE, TRACE + 16);
    long low = hex(text, TRACE + 16, SPAN - 1);
    long span = hex(text, SPAN, FLAGS - 1);
    if (version == 0xff || !fits || (high | low) == 0 || span == 0) {
      return null;
    }
    return new TraceParent(high, low, span, (int) hex(text, FLAGS, LENGTH));
  }

  boolean isSampled() {
    return (flags & SAMPLED) != 0;
  }

  /** Another span in the same trace. */
  TraceParent child(long id) {
    return new TraceParent(high, low, id, flags & (SAMPLED | RANDOM));
  }

  /** As it is sent. */
  AsciiString text() {
    byte[] text = new byte[LENGTH];
    write(0, 8, text, 0);
    text[2] = '-';
    write(high, 64, text, TRACE);
    write(low, 64, text, TRACE + 16);
    text[SPAN - 1] = '-';
    write(span, 64, text, SPAN);
    text[FLAGS - 1] = '-';
    write(flags, 8, text, FLAGS);
    return new AsciiString(text, false);
  }

  /** The trace's id in 32 digits. */
  static String traceId(long high, long low) {
    byte[] text = new byte[32];
    write(high, 64, text, 0);
    write(low, 64, text, 16);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** A span's id in 16 digits. */
  static String spanId(long span) {
    byte[] text = new byte[16];
    write(span, 64, text, 0);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private static void write(long value, int bits, byte[] to, int at) {
    int next = at;
    for (int shift = bits - 4; shift >= 0; shift -= 4) {
      to[next++] = HEX[(int) (value >>> shift) & 0xf];
    }
  }

  private static boolean isHex(CharSequence text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static long hex(CharSequence text, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      value = value << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
  }
}
