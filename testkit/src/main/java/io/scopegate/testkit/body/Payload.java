package io.scopegate.testkit.body;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Bytes that are put together, and the spans that were counted on the way. */
final class Payload {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private long spans;

  long spans() {
    return spans;
  }

  byte[] toByteArray() {
    return out.toByteArray();
  }

  Payload span() {
    spans++;
    return this;
  }

  Payload octet(int value) {
    out.write(value);
    return this;
  }

  Payload bytes(byte[] value) {
    out.writeBytes(value);
    return this;
  }

  Payload text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** A number of protobuf. */
  Payload varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      octet((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return octet((int) rest);
  }

  /** A number in network order. */
  Payload number(long value, int width) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      octet((int) (value >>> shift));
    }
    return this;
  }

  /** Another one by itself, with its spans. */
  Payload payload(Payload other) {
    spans += other.spans;
    return bytes(other.toByteArray());
  }

  /** Another one as a field of protobuf, with its spans. */
  Payload field(int number, Payload other) {
    varint((long) number << 3 | 2).varint(other.out.size());
    return payload(other);
  }
}
