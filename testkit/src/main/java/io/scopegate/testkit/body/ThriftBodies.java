package io.scopegate.testkit.body;

import java.util.SplittableRandom;

/** Lists of spans in Thrift's binary protocol. */
final class ThriftBodies {
  private static final int[] TYPES = {2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15};
  private static final int STRUCT = 12;
  private static final int LIST = 15;
  private static final int MOST_ENTRIES = 4;
  private static final int DEEPEST = 3;

  private final SplittableRandom random;

  ThriftBodies(SplittableRandom random) {
    this.random = random;
  }

  Payload batch() {
    Payload batch = new Payload();
    batch.octet(STRUCT).number(1, 2);
    struct(batch, 0);
    if (random.nextInt(8) > 0) {
      batch.octet(LIST).number(2, 2).payload(list());
    }
    if (random.nextBoolean()) {
      batch.octet(10).number(3, 2).number(1, 8);
    }
    return batch.octet(0);
  }

  Payload list() {
    Payload list = new Payload();
    int spans = random.nextInt(MOST_ENTRIES + 1);
    list.octet(STRUCT).number(spans, 4);
    for (int i = 0; i < spans; i++) {
      list.span();
      struct(list, 0);
    }
    return list;
  }

  private void struct(Payload out, int depth) {
    for (int i = random.nextInt(MOST_ENTRIES); i > 0; i--) {
      int type = type(depth);
      out.octet(type).number(random.nextInt(10), 2);
      value(out, type, depth);
    }
    out.octet(0);
  }

  private int type(int depth) {
    return TYPES[random.nextInt(depth < DEEPEST ? TYPES.length : 7)];
  }

  private void value(Payload out, int type, int depth) {
    switch (type) {
      case 2, 3 -> out.octet(1);
      case 6 -> out.number(1, 2);
      case 8 -> out.number(1, 4);
      case 4, 10 -> out.number(1, 8);
      case 11 -> out.number(5, 4).text("spans");
      case STRUCT -> struct(out, depth + 1);
      case 13 -> elements(out, depth, 2);
      default -> elements(out, depth, 1);
    }
  }

  /** Of a list, or the pairs of a map. */
  private void elements(Payload out, int depth, int types) {
    int[] type = {type(depth + 1), type(depth + 1)};
    int count = random.nextInt(MOST_ENTRIES);
    for (int i = 0; i < types; i++) {
      out.octet(type[i]);
    }
    out.number(count, 4);
    for (int i = 0; i < count * types; i++) {
      value(out, type[i % types], depth + 1);
    }
  }
}
