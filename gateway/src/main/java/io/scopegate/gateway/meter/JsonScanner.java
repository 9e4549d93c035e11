package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;

/**
 * Counts the elements of JSON arrays at one path, a byte at a time. It keeps to the structure of <a
 * href="https://datatracker.ietf.org/doc/html/rfc8259">RFC 8259</a> and is lenient within strings
 * and scalars, since what is counted must not be less than what a lenient receiver reads. Names are
 * compared after their escapes.
 */
final class JsonScanner extends SpanScanner implements ByteProcessor {
  /** Deeper is not read; OTLP's own structure needs six levels, and a few for each nested value. */
  private static final int DEEPEST = 1_024;

  private static final int NO_NAME = 0;

  private enum Expect {
    VALUE,
    ELEMENT_OR_END,
    NAME,
    NAME_OR_END,
    COLON,
    COMMA_OR_END,
    SCALAR,
    STRING,
    ESCAPE,
    HEX
  }

  /** Names that lead on, by level; each with its spellings. None: the outermost array counts. */
  private final byte[][][] names;

  private final int target;
  private final long[] objects = new long[DEEPEST / 64];
  private int depth;

  /** How many of the open containers lie on the path. */
  private int onPath;

  private Expect expect = Expect.VALUE;
  private boolean isName;
  private boolean leads;

  /** One bit for each spelling that the name may still be. */
  private int candidates;

  private int nameLength;
  private int hexDigits;
  private int hexValue;

  private JsonScanner(byte[][]... names) {
    this.names = names;
    this.target = names.length == 0 ? 1 : 2 * names.length;
  }

  /** Of OTLP: {@code resourceSpans[].scopeSpans[].spans[]}, in camel or snake case. */
  static JsonScanner otlp() {
    return new JsonScanner(
        names("resourceSpans", "resource_spans"),
        names("scopeSpans", "scope_spans"),
        names("spans"));
  }

  /** Of a list of spans. */
  static JsonScanner list() {
    return new JsonScanner();
  }

  private static byte[][] names(String... spellings) {
    byte[][] names = new byte[spellings.length][];
    for (int i = 0; i < names.length; i++) {
      names[i] = spellings[i].getBytes(StandardCharsets.US_ASCII);
    }
    return names;
  }

  @Override
  void read(ByteBuf source, int from, int to) {
    source.forEachByte(from, to - from, this);
  }

  /** The next byte; whether to go on. */
  @Override
  public boolean process(byte next) {
    switch (expect) {
      case STRING -> string(next);
      case ESCAPE -> escape(next);
      case HEX -> hex(next);
      case SCALAR -> scalar(next);
      default -> structure(next);
    }
    return !malformed();
  }

  private void structure(byte next) {
    if (next == ' ' || next == '\n' || next == '\r' || next == '\t') {
      return;
    }
    switch (expect) {
      case VALUE -> value(next);
      case ELEMENT_OR_END -> elementOrEnd(next);
      case NAME -> name(next);
      case NAME_OR_END -> nameOrEnd(next);
      case COLON -> colon(next);
      default -> commaOrEnd(next);
    }
  }

  private void elementOrEnd(byte next) {
    if (next == ']') {
      close(false);
    } else {
      value(next);
    }
  }

  private void nameOrEnd(byte next) {
    if (next == '}') {
      close(true);
    } else {
      name(next);
    }
  }

  private void value(byte next) {
    boolean counts = depth == target && onPath == target;
    switch (next) {
      case '{' -> open(true);
      case '[' -> open(false);
      case '"' -> beginString(false);
      default -> beginScalar(next);
    }
    if (counts && !malformed()) {
      found();
    }
  }

  private void beginScalar(byte next) {
    if (isScalar(next)) {
      expect = Expect.SCALAR;
    } else {
      stop();
    }
  }

  private void name(byte next) {
    if (next == '"') {
      beginString(true);
    } else {
      stop();
    }
  }

  private void colon(byte next) {
    if (next == ':') {
      expect = Expect.VALUE;
    } else {
      stop();
    }
  }

  private void commaOrEnd(byte next) {
    if (depth == 0) {
      stop();
    } else if (next == ',') {
      expect = isInObject() ? Expect.NAME : Expect.VALUE;
    } else if (next == '}' || next == ']') {
      close(next == '}');
    } else {
      stop();
    }
  }

  private void open(boolean object) {
    if (depth == DEEPEST) {
      stop();
      return;
    }
    if (onPath == depth && continuesPath(object)) {
      onPath++;
    }
    long bit = 1L << (depth & 63);
    if (object) {
      objects[depth >> 6] |= bit;
    } else {
      objects[depth >> 6] &= ~bit;
    }
    depth++;
    expect = object ? Expect.NAME_OR_END : Expect.ELEMENT_OR_END;
  }

  /** Objects and arrays take turns on the path, and a name leads from one to the other. */
  private boolean continuesPath(boolean object) {
    if (depth >= target) {
      return false;
    }
    if (names.length == 0) {
      return !object;
    }
    return depth % 2 == 0 ? object : !object && leads;
  }

  private void close(boolean object) {
    if (isInObject() != object) {
      stop();
      return;
    }
    if (onPath == depth) {
      onPath--;
    }
    depth--;
    expect = Expect.COMMA_OR_END;
  }

  private boolean isInObject() {
    int last = depth - 1;
    return (objects[last >> 6] >>> (last & 63) & 1) != 0;
  }

  private void beginString(boolean name) {
    expect = Expect.STRING;
    isName = name;
    leads = false;
    nameLength = 0;
    boolean mayLead = name && onPath == depth && depth < target;
    candidates = mayLead ? (1 << names[depth / 2].length) - 1 : NO_NAME;
  }

  private void string(byte next) {
    if (next == '"') {
      endString();
    } else if (next == '\\') {
      expect = Expect.ESCAPE;
    } else if (candidates != NO_NAME) {
      compare(next);
    }
  }

  private void endString() {
    if (isName) {
      leads = candidates != NO_NAME && isWholeName();
      expect = Expect.COLON;
    } else {
      expect = Expect.COMMA_OR_END;
    }
  }

  private void escape(byte next) {
    expect = Expect.STRING;
    switch (next) {
      case 'u' -> {
        expect = Expect.HEX;
        hexDigits = 0;
        hexValue = 0;
      }
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> candidates = NO_NAME; // in none of them
      default -> stop();
    }
  }

  private void hex(byte next) {
    int digit = Character.digit(next, 16);
    if (digit < 0) {
      stop();
      return;
    }
    hexValue = hexValue << 4 | digit;
    hexDigits++;
    if (hexDigits == 4) {
      expect = Expect.STRING;
      compare(hexValue);
    }
  }

  /** Drops the spellings that do not have this character next. */
  private void compare(int character) {
    if (candidates == NO_NAME) {
      return;
    }
    byte[][] spellings = names[depth / 2];
    for (int i = 0; i < spellings.length; i++) {
      byte[] spelling = spellings[i];
      if (nameLength >= spelling.length || spelling[nameLength] != character) {
        candidates &= ~(1 << i);
      }
    }
    nameLength++;
  }

  private boolean isWholeName() {
    byte[][] spellings = names[depth / 2];
    for (int i = 0; i < spellings.length; i++) {
      if ((candidates & 1 << i) != 0 && spellings[i].length == nameLength) {
        return true;
      }
    }
    return false;
  }

  private void scalar(byte next) {
    if (!isScalar(next)) {
      expect = Expect.COMMA_OR_END;
      structure(next);
    }
  }

  private static boolean isScalar(byte next) {
    return next >= '0' && next <= '9'
        || next >= 'a' && next <= 'z'
        || next >= 'A' && next <= 'Z'
        || next == '-'
        || next == '+'
        || next == '.';
  }

  @Override
  void finish() {
    boolean complete = expect == Expect.COMMA_OR_END || expect == Expect.SCALAR;
    if (depth > 0 || !complete) {
      stop();
      return;
    }
    expect = Expect.VALUE;
  }
}
