package io.scopegate.testkit.body;

import java.util.SplittableRandom;

/** Protobuf messages with spans at the end of a path of field numbers, and with other fields. */
final class ProtobufBodies {
  private static final int MOST_ENTRIES = 4;

  private final SplittableRandom random;

  ProtobufBodies(SplittableRandom random) {
    this.random = random;
  }

  Payload with(int... path) {
    return message(path, 0);
  }

  private Payload message(int[] path, int level) {
    Payload message = new Payload();
    for (int i = random.nextInt(MOST_ENTRIES + 1); i > 0; i--) {
      otherField(message, path[level]);
      if (level < path.length - 1) {
        message.field(path[level], message(path, level + 1));
      } else {
        message.span().field(path[level], new Payload().bytes(noise(40)));
      }
    }
    otherField(message, path[level]);
    return message;
  }

  /** Adds, at random, a field of any type with another number than this. */
  private void otherField(Payload message, int other) {
    int number = other + 1 + random.nextInt(2_000);
    long tag = (long) number << 3;
    switch (random.nextInt(8)) {
      case 0 -> message.varint(tag).varint(random.nextLong());
      case 1 -> message.varint(tag | 1).bytes(new byte[8]);
      case 2 -> message.field(number, new Payload().bytes(noise(30)));
      case 3 -> message.varint(tag | 5).bytes(new byte[4]);
      case 4 -> message.varint(tag | 3).varint(other << 3).varint(7).varint(tag | 4);
      default -> {}
    }
  }

  private byte[] noise(int most) {
    byte[] bytes = new byte[random.nextInt(most + 1)];
    random.nextBytes(bytes);
    return bytes;
  }
}
