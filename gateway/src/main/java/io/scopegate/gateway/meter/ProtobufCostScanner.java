package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a query cost in an answer as protobuf. Everything but {@code metrics} is skipped by
 * its length, so an answer costs a few bytes for each trace.
 */
final class ProtobufCostScanner extends MessageScanner {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;
  private static final int LONGEST_VARINT_BITS = 70;

  private enum Expect {
    TAG,
    LENGTH,
    VALUE
  }

  private final CostPlace place;
  private final QueryCost cost;
  private Expect expect = Expect.TAG;
  private long varint;
  private int varintBits;
  private long skip;
  private boolean leads;
  private @Nullable QueryFigure figure;

  /** What is left of {@code metrics}; negative outside. */
  private long left = -1;

  ProtobufCostScanner(CostPlace place, QueryCost cost) {
    this.place = place;
    this.cost = cost;
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
    if (left == 0 || varintBits == LONGEST_VARINT_BITS) {
      leaveOrStop();
    }
    if (left > 0) {
      left--;
    }
    varint |= (long) (next & 0x7f) << varintBits;
    varintBits += 7;
    if (next >= 0) {
      long value = varint;
      varint = 0;
      varintBits = 0;
      complete(value);
    }
  }

  private void leaveOrStop() {
    if (isBetweenFields()) {
      left = -1;
    } else {
      stop();
    }
  }

  private boolean isBetweenFields() {
    return expect == Expect.TAG && varintBits == 0;
  }

  private void complete(long value) {
    switch (expect) {
      case TAG -> tag(value);
      case LENGTH -> length(value);
      case VALUE -> {
        expect = Expect.TAG;
        if (figure != null) {
          cost.atLeast(figure, value);
        }
      }
    }
  }

  private void tag(long tag) {
    int number = (int) (tag >>> 3);
    int type = (int) tag & 7;
    if (number <= 0) {
      stop();
      return;
    }
    figure = left >= 0 && type == VARINT ? place.figure(number) : null;
    leads = left < 0 && number == CostPlace.FIELD;
    switch (type) {
      case VARINT -> expect = Expect.VALUE;
      case FIXED64 -> skip(8);
      case LENGTH -> expect = Expect.LENGTH;
      case FIXED32 -> skip(4);
      default -> stop(); // groups are older than Tempo
    }
  }

  private void length(long length) {
    expect = Expect.TAG;
    if (length < 0 || length > Integer.MAX_VALUE) {
      stop();
    } else if (leads) {
      cost.found();
      left = length;
    } else {
      skip(length);
    }
  }

  private void skip(long bytes) {
    if (left >= 0) {
      if (bytes > left) {
        stop();
        return;
      }
      left -= bytes;
    }
    skip = bytes;
  }

  @Override
  void finish() {
    if (left > 0 || skip > 0 || !isBetweenFields()) {
      stop();
    }
    left = -1;
  }
}
