package io.scopegate.config;

import java.io.ByteArrayOutputStream;

/**
 * Writes <a href="https://www.itu.int/rec/T-REC-X.690">DER</a>: a tag, the length in its shortest
 * form, and the content.
 */
public final class Der {
  public static final int INTEGER = 0x02;
  public static final int BIT_STRING = 0x03;
  public static final int OCTET_STRING = 0x04;
  public static final int GENERALIZED_TIME = 0x18;
  public static final int SEQUENCE = 0x30;

  private static final int SHORT_LENGTHS = 0x80;

  private Der() {}

  /**
   * One value.
   *
   * @param parts the content, one behind the other; values for a constructed one
   */
  public static byte[] value(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    writeLength(content.size(), out);
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  private static void writeLength(int length, ByteArrayOutputStream out) {
    if (length < SHORT_LENGTHS) {
      out.write(length);
      return;
    }
    int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
    out.write(SHORT_LENGTHS | bytes);
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out.write(length >> shift);
    }
  }
}
