package io.scopegate.gateway.otlp;

import java.util.Arrays;

/**
 * A growing buffer that a message of <a
 * href="https://protobuf.dev/programming-guides/encoding/">protobuf</a> is written into, field by
 * field. Reusable; for one thread. What is nested is written in place: {@link #begin}, its fields,
 * {@link #end}.
 */
public final class ProtoBytes {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private static final int MOST_VARINT_BYTES = 10;
  private static final int MOST_UTF8_BYTES = 3;
  private static final char UNKNOWN = '\ufffd';

  private byte[] bytes;
  private int length;

  /**
   * An empty buffer.
   *
   * @param capacity bytes to begin with
   */
  public ProtoBytes(int capacity) {
    bytes = new byte[capacity];
  }

  /** Forgets what was written and keeps the space. */
  public void clear() {
    length = 0;
  }

  /** How many bytes were written. */
  public int length() {
    return length;
  }

  /** A copy of what was written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** A whole number of at least 0, or an enum, or a boolean. */
  public ProtoBytes number(int field, long value) {
    reserve(2 * MOST_VARINT_BYTES);
    tag(field, VARINT);
    varint(value);
    return this;
  }

  /** A {@code fixed64}. */
  public ProtoBytes fixed64(int field, long value) {
    reserve(MOST_VARINT_BYTES + Long.BYTES);
    tag(field, FIXED64);
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** A {@code fixed32}. */
  public ProtoBytes fixed32(int field, int value) {
    reserve(MOST_VARINT_BYTES + Integer.BYTES);
    tag(field, FIXED32);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** The 8 bytes of a span's id. */
  public ProtoBytes id(int field, long id) {
    reserve(2 * MOST_VARINT_BYTES + Long.BYTES);
    tag(field, BYTES);
    varint(Long.BYTES);
    bigEndian(id);
    return this;
  }

  /** The 16 bytes of a trace's id. */
  public ProtoBytes id(int field, long high, long low) {
    reserve(2 * MOST_VARINT_BYTES + 2 * Long.BYTES);
    tag(field, BYTES);
    varint(2L * Long.BYTES);
    bigEndian(high);
    bigEndian(low);
    return this;
  }

  /** Bytes, or a message that was encoded before. */
  public ProtoBytes bytes(int field, byte[] value) {
    return bytes(field, value, value.length);
  }

  /** The first so many bytes of these. */
  public ProtoBytes bytes(int field, byte[] value, int count) {
    reserve(2 * MOST_VARINT_BYTES + count);
    tag(field, BYTES);
    varint(count);
    System.arraycopy(value, 0, bytes, length, count);
    length += count;
    return this;
  }

  /** Whole fields that were encoded before. */
  ProtoBytes encoded(byte[] fields) {
    reserve(fields.length);
    System.arraycopy(fields, 0, bytes, length, fields.length);
    length += fields.length;
    return this;
  }

  /**
   * A text, always valid UTF-8: receivers refuse the whole request otherwise.
   *
   * @param most how many characters of it, at most
   */
  public ProtoBytes text(int field, CharSequence value, int most) {
    return text(field, value, 0, Math.min(value.length(), most));
  }

  /**
   * A part of a text, as {@link #text(int, CharSequence, int)}.
   *
   * @param from the first character
   * @param to the one behind the last
   */
  ProtoBytes text(int field, CharSequence value, int from, int to) {
    int mark = begin(field);
    reserve((to - from) * MOST_UTF8_BYTES);
    int next = from;
    while (next < to) {
      char c = value.charAt(next++);
      if (c < 0x80) {
        bytes[length++] = (byte) c;
      } else if (isPair(c, value, next, to)) {
        fourBytes(Character.toCodePoint(c, value.charAt(next++)));
      } else {
        utf8(Character.isSurrogate(c) ? UNKNOWN : c);
      }
    }
    end(mark);
    return this;
  }

  private static boolean isPair(char c, CharSequence value, int next, int to) {
    return Character.isHighSurrogate(c)
        && next < to
        && Character.isLowSurrogate(value.charAt(next));
  }

  /**
   * Begins what is nested.
   *
   * @return what {@link #end} has to be told
   */
  public int begin(int field) {
    reserve(MOST_VARINT_BYTES + 1);
    tag(field, BYTES);
    return ++length; // one byte for its length, which is enough for most
  }

  /** Ends what is nested. */
  public void end(int mark) {
    int size = length - mark;
    int more = varintBytes(size) - 1;
    if (more > 0) {
      reserve(more);
      System.arraycopy(bytes, mark, bytes, mark + more, size);
    }
    length = mark - 1;
    varint(size);
    length += size;
  }

  private static int varintBytes(int value) {
    return Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(value) + 6) / 7);
  }

  private void tag(int field, int type) {
    varint((long) field << 3 | type);
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  private void bigEndian(long value) {
    for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  private void utf8(char c) {
    if (c < 0x800) {
      bytes[length++] = (byte) (0xc0 | c >> 6);
      bytes[length++] = (byte) (0x80 | c & 0x3f);
    } else {
      bytes[length++] = (byte) (0xe0 | c >> 12);
      bytes[length++] = (byte) (0x80 | c >> 6 & 0x3f);
      bytes[length++] = (byte) (0x80 | c & 0x3f);
    }
  }

  private void fourBytes(int codePoint) {
    bytes[length++] = (byte) (0xf0 | codePoint >> 18);
    bytes[length++] = (byte) (0x80 | codePoint >> 12 & 0x3f);
    bytes[length++] = (byte) (0x80 | codePoint >> 6 & 0x3f);
    bytes[length++] = (byte) (0x80 | codePoint & 0x3f);
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
