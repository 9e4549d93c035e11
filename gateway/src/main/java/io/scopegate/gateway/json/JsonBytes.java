package io.scopegate.gateway.json;

import io.netty.util.AsciiString;
import io.scopegate.config.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing buffer of UTF-8 that text is escaped into while it is written. Reusable, so that a line
 * of the access log allocates nothing; for one thread.
 *
 * <p>Beyond what <a href="https://datatracker.ietf.org/doc/html/rfc8259#section-7">RFC 8259</a>
 * demands, everything that a terminal or a log viewer may act on is escaped: DEL, the C1 controls,
 * the line separators and the marks that turn the direction of writing around.
 */
public final class JsonBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ELLIPSIS = "…".getBytes(StandardCharsets.UTF_8);
  private static final boolean[] PLAIN = plain();

  /** One character may become {@code \}{@code u0000}. */
  private static final int MOST_BYTES_PER_CHAR = 6;

  private byte[] bytes;
  private int length;

  /**
   * An empty buffer.
   *
   * @param capacity bytes to begin with
   */
  public JsonBytes(int capacity) {
    this.bytes = new byte[capacity];
  }

  /** Forgets what was written and keeps the space. */
  public void clear() {
    length = 0;
  }

  /** How many bytes were written. */
  public int length() {
    return length;
  }

  /** The buffer itself; only the first {@link #length} bytes mean anything. */
  public byte[] array() {
    return bytes;
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** A copy of what was written since then. */
  public byte[] toByteArray(int start) {
    return Arrays.copyOfRange(bytes, start, length);
  }

  /** Appends bytes as they are. */
  public JsonBytes raw(byte[] encoded) {
    return raw(encoded, encoded.length);
  }

  /** Appends the first so many of these bytes as they are. */
  public JsonBytes raw(byte[] encoded, int count) {
    reserve(count);
    System.arraycopy(encoded, 0, bytes, length, count);
    length += count;
    return this;
  }

  /** Appends one ASCII character as it is. */
  public JsonBytes raw(char ascii) {
    reserve(1);
    bytes[length++] = (byte) ascii;
    return this;
  }

  /**
   * Appends text in quotes.
   *
   * @param text the text
   * @param most how many characters of it, at most; an ellipsis stands for the rest
   */
  public JsonBytes string(CharSequence text, int most) {
    return raw('"').text(text, most).raw('"');
  }

  /**
   * Appends escaped text without quotes.
   *
   * @param text the text
   * @param most how many characters of it, at most; an ellipsis stands for the rest
   */
  public JsonBytes text(CharSequence text, int most) {
    int count = Math.min(text.length(), most);
    reserve(count * MOST_BYTES_PER_CHAR + ELLIPSIS.length);
    if (text instanceof AsciiString ascii) {
      escape(ascii.array(), ascii.arrayOffset(), count);
    } else {
      escape(text, count);
    }
    return count < text.length() ? raw(ELLIPSIS) : this;
  }

  /** Appends a whole number. */
  public JsonBytes number(long value) {
    reserve(20);
    if (value == Long.MIN_VALUE) {
      return raw(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
    }
    long rest = value;
    if (rest < 0) {
      bytes[length++] = '-';
      rest = -rest;
    }
    int from = length;
    do {
      bytes[length++] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    reverse(from, length - 1);
    return this;
  }

  /** Appends nanoseconds as milliseconds with three decimals; a negative value counts as 0. */
  public JsonBytes millis(long nanos) {
    long micros = Math.max(0, nanos / 1_000);
    number(micros / 1_000).raw('.');
    return digits((int) (micros % 1_000), 3);
  }

  /** Appends a number with leading zeros. */
  public JsonBytes digits(int value, int width) {
    reserve(width);
    int rest = value;
    for (int i = width - 1; i >= 0; i--) {
      bytes[length + i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += width;
    return this;
  }

  private void escape(byte[] ascii, int offset, int count) {
    for (int i = offset; i < offset + count; i++) {
      byte b = ascii[i];
      if (b >= 0 && PLAIN[b]) {
        bytes[length++] = b;
      } else {
        escape((char) (b & 0xff));
      }
    }
  }

  private void escape(CharSequence text, int count) {
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if (c < 0x80 && PLAIN[c]) {
        bytes[length++] = (byte) c;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < count
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        fourBytes(Character.toCodePoint(c, text.charAt(i)));
      } else {
        escape(c);
      }
    }
  }

  private void escape(char c) {
    switch (c) {
      case '"', '\\' -> escaped(c);
      case '\n' -> escaped('n');
      case '\r' -> escaped('r');
      case '\t' -> escaped('t');
      default -> {
        if (Character.isSurrogate(c)) {
          encode('\ufffd');
        } else if (Printable.shows(c)) {
          encode(c);
        } else {
          unicode(c);
        }
      }
    }
  }

  private void escaped(char c) {
    bytes[length++] = '\\';
    bytes[length++] = (byte) c;
  }

  private void unicode(char c) {
    escaped('u');
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[length++] = HEX[c >> shift & 0xf];
    }
  }

  private void encode(char c) {
    if (c < 0x80) {
      bytes[length++] = (byte) c;
    } else if (c < 0x800) {
      bytes[length++] = (byte) (0xc0 | (c >> 6));
      bytes[length++] = (byte) (0x80 | (c & 0x3f));
    } else {
      bytes[length++] = (byte) (0xe0 | (c >> 12));
      bytes[length++] = (byte) (0x80 | ((c >> 6) & 0x3f));
      bytes[length++] = (byte) (0x80 | (c & 0x3f));
    }
  }

  private void fourBytes(int codePoint) {
    bytes[length++] = (byte) (0xf0 | (codePoint >> 18));
    bytes[length++] = (byte) (0x80 | ((codePoint >> 12) & 0x3f));
    bytes[length++] = (byte) (0x80 | ((codePoint >> 6) & 0x3f));
    bytes[length++] = (byte) (0x80 | (codePoint & 0x3f));
  }

  private void reverse(int from, int to) {
    for (int i = from, j = to; i < j; i++, j--) {
      byte swapped = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = swapped;
    }
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  private static boolean[] plain() {
    boolean[] plain = new boolean[128];
    Arrays.fill(plain, ' ', 0x7f, true);
    plain['"'] = false;
    plain['\\'] = false;
    return plain;
  }
}
