package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;

/**
 * The outline of a block of compressed fields (<a
 * href="https://datatracker.ietf.org/doc/html/rfc7541#section-6">RFC 7541 6</a>): where each field
 * stands, and of which kind it is; nothing is decoded.
 */
final class BlockOutline {
  /** What stands next in a block. */
  enum Kind {
    /** A field of a table. */
    INDEXED,
    /** A field that enters the table. */
    ADDED,
    /** A field that does not. */
    PLAIN,
    /** The table has another size from here on. */
    RESIZED,
    /** Nothing, or nothing that makes sense. */
    NONE
  }

  private static final int BROKEN = -1;

  private ByteBuf block;
  private int at;
  private int end;
  private int start;
  private int nameIndex;
  private int valueStart;

  /** Of no block yet. */
  BlockOutline(ByteBuf none) {
    block = none;
  }

  /** Stands before the first field. */
  void begin(ByteBuf of, int from) {
    block = of;
    at = from;
    end = of.writerIndex();
  }

  /** Passes what stands next. */
  Kind next() {
    if (at >= end) {
      return Kind.NONE;
    }
    start = at;
    int first = block.getByte(at) & 0xff;
    if (first >= 0x80) {
      return integer(7) == BROKEN ? Kind.NONE : Kind.INDEXED;
    }
    if (first >= 0x40) {
      return literal(6) ? Kind.ADDED : Kind.NONE;
    }
    if (first >= 0x20) {
      return integer(5) == BROKEN ? Kind.NONE : Kind.RESIZED;
    }
    return literal(4) ? Kind.PLAIN : Kind.NONE;
  }

  /** Whether all of the block was passed. */
  boolean isAtEnd() {
    return at >= end;
  }

  /** Where the last field starts. */
  int start() {
    return start;
  }

  /** The index of its name; 0: it is spelled out. Of a field that is not indexed. */
  int nameIndex() {
    return nameIndex;
  }

  /** Where its value starts, the value's length included. Of a field that is not indexed. */
  int valueStart() {
    return valueStart;
  }

  /** Behind the last field. */
  int end() {
    return at;
  }

  /** Skips a literal's name, when it has one, and its value. */
  private boolean literal(int bits) {
    nameIndex = integer(bits);
    if (nameIndex == BROKEN || nameIndex == 0 && !string()) {
      return false;
    }
    valueStart = at;
    return string();
  }

  private boolean string() {
    if (at >= end) {
      return false;
    }
    int length = integer(7);
    if (length == BROKEN || length > end - at) {
      return false;
    }
    at += length;
    return true;
  }

  /**
   * Reads an integer with a prefix of so many bits (<a
   * href="https://datatracker.ietf.org/doc/html/rfc7541#section-5.1">RFC 7541 5.1</a>).
   *
   * @return BROKEN when it is cut off or larger than any length here can be
   */
  private int integer(int bits) {
    int max = (1 << bits) - 1;
    int value = block.getByte(at++) & max;
    if (value < max) {
      return value;
    }
    for (int shift = 0; shift <= 21 && at < end; shift += 7) {
      int next = block.getByte(at++) & 0xff;
      value += (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    return BROKEN;
  }
}
