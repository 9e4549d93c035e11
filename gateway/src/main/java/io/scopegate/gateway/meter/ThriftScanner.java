package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/**
 * Counts the spans of a list in Thrift's binary protocol as they come, however many its header
 * promises. Everything is walked, since Thrift's structs have no length; strings are skipped by
 * theirs.
 *
 * @see <a href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md">
 *     Thrift, binary protocol</a>
 */
final class ThriftScanner extends SpanScanner {
  private static final int STOP = 0;
  private static final int BOOL = 2;
  private static final int BYTE = 3;
  private static final int DOUBLE = 4;
  private static final int I16 = 6;
  private static final int I32 = 8;
  private static final int I64 = 10;
  private static final int STRING = 11;
  private static final int STRUCT = 12;
  private static final int MAP = 13;
  private static final int SET = 14;
  private static final int LIST = 15;
  private static final int UUID = 16;

  /** Spans lie four deep, and what they hold three more. */
  private static final int DEEPEST = 64;

  private static final int SPANS_FIELD = 2;

  private enum Expect {
    FIELD_TYPE,
    FIELD_ID,
    STRING_SIZE,
    LIST_TYPE,
    LIST_SIZE,
    KEY_TYPE,
    VALUE_TYPE,
    MAP_SIZE,
    ELEMENT,
    NOTHING
  }

  private final boolean batch;

  /** Of each open struct −1, of each open list or map how many elements are left. */
  private final long[] left = new long[DEEPEST];

  private final byte[] keyType = new byte[DEEPEST];
  private final byte[] valueType = new byte[DEEPEST];
  private int depth;

  /** The depth of the list that is counted, while it is open. */
  private int counted;

  private Expect expect = Expect.NOTHING;
  private int numberBytes;
  private int number;
  private int fieldType;
  private int firstType;
  private int secondType;
  private boolean isSpans;
  private long skip;

  private ThriftScanner(boolean batch) {
    this.batch = batch;
    begin();
  }

  /** Of Jaeger's {@code Batch}, whose second field is the list. */
  static ThriftScanner jaegerBatch() {
    return new ThriftScanner(true);
  }

  /** Of a list by itself, as Zipkin's first version has it. */
  static ThriftScanner list() {
    return new ThriftScanner(false);
  }

  private void begin() {
    depth = 0;
    counted = 0;
    if (batch) {
      open(-1, STOP, STOP);
    } else {
      isSpans = true;
      expectNumber(Expect.LIST_TYPE);
    }
  }

  @Override
  void read(ByteBuf source, int from, int to) {
    int next = from;
    while (next < to && !malformed()) {
      if (skip > 0) {
        int skipped = (int) Math.min(skip, to - next);
        skip -= skipped;
        next += skipped;
      } else if (expect == Expect.ELEMENT) {
        element();
      } else {
        step(source.getByte(next) & 0xff);
        next++;
      }
    }
  }

  private void step(int next) {
    switch (expect) {
      case FIELD_TYPE -> fieldType(next);
      case FIELD_ID -> fieldId(next);
      case STRING_SIZE -> stringSize(next);
      case LIST_TYPE -> {
        firstType = next;
        expectNumber(Expect.LIST_SIZE);
      }
      case LIST_SIZE -> listSize(next);
      case KEY_TYPE -> {
        firstType = next;
        expect = Expect.VALUE_TYPE;
      }
      case VALUE_TYPE -> {
        secondType = next;
        expectNumber(Expect.MAP_SIZE);
      }
      case MAP_SIZE -> mapSize(next);
      case ELEMENT, NOTHING -> stop(); // nothing may follow the end
    }
  }

  private void fieldType(int type) {
    if (type == STOP) {
      close();
    } else {
      fieldType = type;
      expectNumber(Expect.FIELD_ID);
    }
  }

  private void fieldId(int next) {
    if (isNumber(next, 2)) {
      isSpans = batch && depth == 1 && number == SPANS_FIELD && fieldType == LIST;
      value(fieldType);
    }
  }

  private void stringSize(int next) {
    if (isNumber(next, 4)) {
      resume();
      skip(number);
    }
  }

  private void listSize(int next) {
    if (!isNumber(next, 4)) {
      return;
    }
    if (isSpans) {
      // read as structs whatever the header says, as Jaeger does
      isSpans = false;
      counted = depth + 1;
      openSized(number, STOP, STRUCT);
    } else {
      openSized(number, STOP, firstType);
    }
  }

  private void mapSize(int next) {
    if (!isNumber(next, 4)) {
      return;
    }
    if (firstType == STOP && number > 0) {
      stop();
    } else {
      openSized(2L * number, firstType, secondType);
    }
  }

  private void openSized(long elements, int keys, int values) {
    if (elements < 0) {
      stop();
    } else {
      open(elements, keys, values);
    }
  }

  private void open(long elements, int keys, int values) {
    if (depth == DEEPEST) {
      stop();
      return;
    }
    left[depth] = elements;
    keyType[depth] = (byte) keys;
    valueType[depth] = (byte) values;
    depth++;
    resume();
  }

  /** What comes next in the innermost container; containers that are complete are closed. */
  private void resume() {
    while (depth > 0 && left[depth - 1] == 0) {
      leave();
    }
    if (depth == 0) {
      expect = Expect.NOTHING;
    } else {
      expect = left[depth - 1] < 0 ? Expect.FIELD_TYPE : Expect.ELEMENT;
    }
  }

  private void close() {
    leave();
    resume();
  }

  private void leave() {
    if (counted == depth) {
      counted = 0;
    }
    depth--;
  }

  /** The next element of a list or map, of which at least a byte is there. */
  private void element() {
    int top = depth - 1;
    boolean isKey = keyType[top] != STOP && left[top] % 2 == 0;
    int type = isKey ? keyType[top] : valueType[top];
    int width = width(type);
    if (width > 0 && (keyType[top] == STOP || keyType[top] == valueType[top])) {
      long bytes = left[top] * width;
      left[top] = 0;
      resume();
      skip(bytes);
      return;
    }
    left[top]--;
    if (counted == depth) {
      found();
    }
    value(type);
  }

  private void value(int type) {
    int width = width(type);
    if (width > 0) {
      resume();
      skip(width);
      return;
    }
    switch (type) {
      case STRING -> expectNumber(Expect.STRING_SIZE);
      case STRUCT -> open(-1, STOP, STOP);
      case MAP -> expectNumber(Expect.KEY_TYPE);
      case SET, LIST -> expectNumber(Expect.LIST_TYPE);
      default -> stop();
    }
  }

  private static int width(int type) {
    return switch (type) {
      case BOOL, BYTE -> 1;
      case I16 -> 2;
      case I32 -> 4;
      case DOUBLE, I64 -> 8;
      case UUID -> 16;
      default -> 0;
    };
  }

  private void skip(long bytes) {
    if (bytes < 0) {
      stop();
    } else {
      skip = bytes;
    }
  }

  private void expectNumber(Expect next) {
    expect = next;
    number = 0;
    numberBytes = 0;
  }

  /** Takes the next byte of a number; whether that was the last. */
  private boolean isNumber(int next, int length) {
    number = number << 8 | next;
    numberBytes++;
    return numberBytes == length;
  }

  @Override
  void finish() {
    if (depth > 0 || skip > 0 || expect != Expect.NOTHING) {
      stop();
      return;
    }
    begin();
  }
}
