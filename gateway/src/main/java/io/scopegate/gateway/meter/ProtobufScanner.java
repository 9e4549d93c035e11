package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;

/**
 * Counts the entries of one repeated field of a protobuf message by the tags and lengths that lead
 * there. What is not on the way is skipped by its length and never looked at, so a large export
 * costs a few bytes a span.
 *
 * <p>It reads tags as the code generated for Go does (numbers are cut to 32 bits, groups skipped),
 * so that nothing is a span there and none here. {@code InstrumentationLibrarySpans}, field 1000 of
 * old OTLP, is skipped: Tempo does not take it either.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protobuf, encoding</a>
 */
final class ProtobufScanner extends SpanScanner {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int GROUP = 3;
  private static final int END_OF_GROUP = 4;
  private static final int FIXED32 = 5;
  private static final int LONGEST_VARINT = 10;
  private static final int DEEPEST_GROUP = 100;

  private enum Expect {
    TAG,
    LENGTH,
    VALUE
  }

  private final int[] path;

  /** What is left of each message on the way; the outermost has no end of its own. */
  private final long[] left;

  private int level;
  private Expect expect = Expect.TAG;
  private long varint;
  private int varintBytes;
  private long skip;
  private int groups;
  private boolean leads;

  /** Counts the entries at the end of these field numbers. */
  ProtobufScanner(int... path) {
    this.path = path;
    this.left = new long[path.length];
    this.left[0] = Long.MAX_VALUE;
  }

  @Override
  void read(ByteBuf source, int from, int to) {
    int next = from;
    while (next < to && !malformed()) {
      if (skip > 0) {
        int skipped = (int) Math.min(skip, to - next);
        skip -= skipped;
        next += skipped;
      } else {
        step(source.getByte(next));
        next++;
      }
    }
  }

  private void step(byte next) {
    leave();
    if (left[level] == 0) {
      stop();
      return;
    }
    left[level]--;
    if (varintBytes == LONGEST_VARINT - 1 && next < 0) {
      stop();
      return;
    }
    varint |= (long) (next & 0x7f) << (7 * varintBytes);
    varintBytes++;
    if (next >= 0) {
      long value = varint;
      varint = 0;
      varintBytes = 0;
      complete(value);
    }
  }

  /** Goes up from messages that are complete. */
  private void leave() {
    while (left[level] == 0 && level > 0 && isBetweenFields()) {
      level--;
    }
  }

  private boolean isBetweenFields() {
    return expect == Expect.TAG && varintBytes == 0 && groups == 0;
  }

  private void complete(long value) {
    switch (expect) {
      case TAG -> tag(value);
      case LENGTH -> length(value);
      case VALUE -> expect = Expect.TAG;
    }
  }

  private void tag(long tag) {
    int number = (int) (tag >>> 3);
    if (number <= 0) {
      stop();
      return;
    }
    int type = (int) tag & 7;
    leads = groups == 0 && number == path[level];
    if (leads && type != LENGTH) {
      stop();
      return;
    }
    switch (type) {
      case VARINT -> expect = Expect.VALUE;
      case FIXED64 -> skip(8);
      case LENGTH -> expect = Expect.LENGTH;
      case GROUP -> enterGroup();
      case END_OF_GROUP -> leaveGroup();
      case FIXED32 -> skip(4);
      default -> stop();
    }
  }

  private void enterGroup() {
    groups++;
    if (groups > DEEPEST_GROUP) {
      stop();
    }
  }

  private void leaveGroup() {
    groups--;
    if (groups < 0) {
      stop();
    }
  }

  private void length(long length) {
    expect = Expect.TAG;
    if (length < 0 || length > Integer.MAX_VALUE || length > left[level]) {
      stop();
    } else if (leads && level < path.length - 1) {
      left[level] -= length;
      level++;
      left[level] = length;
    } else {
      if (leads) {
        found();
      }
      skip(length);
    }
  }

  private void skip(long bytes) {
    if (bytes > left[level]) {
      stop();
      return;
    }
    left[level] -= bytes;
    skip = bytes;
  }

  @Override
  void finish() {
    leave();
    if (level > 0 || skip > 0 || !isBetweenFields()) {
      stop();
      return;
    }
    left[0] = Long.MAX_VALUE;
  }
}
