package io.scopegate.testkit.tempo;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads Thrift's binary protocol without knowing what it reads. Structs become {@link Struct},
 * lists {@link List}, integers {@link Long}, binaries and strings {@link ByteBuffer}.
 *
 * @see <a
 *     href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md">Thrift
 *     Binary protocol encoding</a>
 */
final class Thrift {
  private static final int MOST_DEPTH = 16;

  private final ByteBuffer in;

  private Thrift(byte[] bytes) {
    this.in = ByteBuffer.wrap(bytes);
  }

  /**
   * Reads a struct.
   *
   * @throws IllegalArgumentException when it is none
   */
  static Struct struct(byte[] bytes) {
    return read(new Thrift(bytes), 12) instanceof Struct struct ? struct : Struct.EMPTY;
  }

  /**
   * Reads a list of structs.
   *
   * @throws IllegalArgumentException when it is none
   */
  static List<Struct> structs(byte[] bytes) {
    return Struct.structs(read(new Thrift(bytes), 15));
  }

  private static Object read(Thrift thrift, int type) {
    try {
      return thrift.value(type, 0);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("Thrift: it ends too early", e);
    }
  }

  private Object value(int type, int depth) {
    if (depth > MOST_DEPTH) {
      throw new IllegalArgumentException("Thrift: too deep");
    }
    return switch (type) {
      case 2, 3 -> (long) in.get();
      case 4 -> in.getDouble();
      case 6 -> (long) in.getShort();
      case 8 -> (long) in.getInt();
      case 10 -> in.getLong();
      case 11 -> binary();
      case 12 -> fields(depth);
      case 13 -> elements(depth, in.get(), in.get());
      case 14, 15 -> elements(depth, in.get());
      default -> throw new IllegalArgumentException("Thrift: type " + type);
    };
  }

  private ByteBuffer binary() {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("Thrift: length " + length);
    }
    ByteBuffer bytes = in.slice().limit(length);
    in.position(in.position() + length);
    return bytes;
  }

  private Struct fields(int depth) {
    Map<Integer, Object> fields = new HashMap<>();
    for (int type = in.get(); type != 0; type = in.get()) {
      int id = in.getShort();
      fields.put(id, value(type, depth + 1));
    }
    return new Struct(fields);
  }

  private List<Object> elements(int depth, int... types) {
    int count = in.getInt();
    if (count < 0 || count > in.remaining()) {
      throw new IllegalArgumentException("Thrift: count " + count);
    }
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < count * types.length; i++) {
      elements.add(value(types[i % types.length], depth + 1));
    }
    return elements;
  }

  /** What a struct holds, by the numbers of its fields. */
  record Struct(Map<Integer, Object> fields) {
    static final Struct EMPTY = new Struct(Map.of());

    Struct {
      fields = Map.copyOf(fields);
    }

    long number(int field) {
      return fields.get(field) instanceof Long number ? number : 0;
    }

    String text(int field) {
      return fields.get(field) instanceof ByteBuffer bytes
          ? StandardCharsets.UTF_8.decode(bytes.duplicate()).toString()
          : "";
    }

    Struct struct(int field) {
      return fields.get(field) instanceof Struct struct ? struct : EMPTY;
    }

    List<Struct> structs(int field) {
      return structs(fields.get(field));
    }

    private static List<Struct> structs(@Nullable Object value) {
      return value instanceof List<?> list
          ? list.stream().filter(Struct.class::isInstance).map(Struct.class::cast).toList()
          : List.of();
    }
  }
}
