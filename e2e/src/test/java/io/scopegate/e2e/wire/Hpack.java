package io.scopegate.e2e.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A block of header fields in the making, as <a
 * href="https://datatracker.ietf.org/doc/html/rfc7541#section-6">RFC 7541, 6</a> writes them:
 * without Huffman coding, with indexes of the caller's choice.
 */
public final class Hpack {
  /** The index of the name {@code authorization}. */
  public static final int AUTHORIZATION = 23;

  /** The index of the field that was remembered last. */
  public static final int NEWEST = 62;

  private static final int GET = 2;
  private static final int POST = 3;
  private static final int PATH = 4;
  private static final int HTTP = 6;

  private final ByteArrayOutputStream block = new ByteArrayOutputStream();

  /** A GET of a path, all but the path by index. */
  public static Hpack get(String path) {
    return new Hpack().indexed(GET).indexed(HTTP).named(PATH, path);
  }

  /** A POST to a path, all but the path by index. */
  public static Hpack post(String path) {
    return new Hpack().indexed(POST).indexed(HTTP).named(PATH, path);
  }

  /** A field from the tables. */
  public Hpack indexed(int index) {
    return number(index, 7, 0x80);
  }

  /** A field from the tables, so many times. */
  public Hpack indexed(int index, int times) {
    for (int i = 0; i < times; i++) {
      indexed(index);
    }
    return this;
  }

  /** A field that nobody remembers. */
  public Hpack field(String name, String value) {
    block.write(0x00);
    return text(name).text(value);
  }

  /** A field that both sides remember from here on. */
  public Hpack remembered(String name, String value) {
    block.write(0x40);
    return text(name).text(value);
  }

  /** A field whose name is from the tables and that nobody remembers. */
  public Hpack named(int index, String value) {
    return number(index, 4, 0x00).text(value);
  }

  /** The same, never to be remembered on the way. */
  public Hpack secret(int index, String value) {
    return number(index, 4, 0x10).text(value);
  }

  /** The beginning of a value of so many bytes, of which none is here yet. */
  public Hpack announced(String name, int bytes) {
    block.write(0x00);
    return text(name).number(bytes, 7, 0x00);
  }

  /** These bytes as they are. */
  public Hpack raw(byte[] bytes) {
    block.writeBytes(bytes);
    return this;
  }

  /** What was written. */
  public byte[] bytes() {
    return block.toByteArray();
  }

  private Hpack text(String text) {
    return number(text.length(), 7, 0x00).raw(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Hpack number(int value, int bits, int first) {
    int most = (1 << bits) - 1;
    if (value < most) {
      block.write(first | value);
      return this;
    }
    block.write(first | most);
    int rest = value - most;
    for (; rest >= 128; rest >>= 7) {
      block.write(rest & 127 | 128);
    }
    block.write(rest);
    return this;
  }
}
