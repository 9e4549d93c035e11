package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;

/** Writes protobuf, field by field. */
final class Proto {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Proto varint(int field, long value) {
    return raw((long) field << 3).raw(value);
  }

  Proto fixed64(int field) {
    raw((long) field << 3 | 1);
    out.writeBytes(new byte[8]);
    return this;
  }

  Proto fixed32(int field) {
    raw((long) field << 3 | 5);
    out.writeBytes(new byte[4]);
    return this;
  }

  Proto bytes(int field, byte[] value) {
    raw((long) field << 3 | 2).raw(value.length);
    out.writeBytes(value);
    return this;
  }

  Proto message(int field, Proto value) {
    return bytes(field, value.toByteArray());
  }

  Proto group(int field, Proto value) {
    raw((long) field << 3 | 3);
    out.writeBytes(value.toByteArray());
    return raw((long) field << 3 | 4);
  }

  /** A bare varint. */
  Proto raw(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }

  byte[] toByteArray() {
    return out.toByteArray();
  }

  ByteBuf buffer() {
    return Unpooled.wrappedBuffer(toByteArray());
  }
}
