package io.scopegate.gateway.answer;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** Text as the bytes of header values and bodies. */
final class Ascii {
  private static final byte[] HEX = bytes("0123456789ABCDEF");

  private Ascii() {}

  /** The bytes of a constant. */
  static byte[] bytes(String ascii) {
    return ascii.getBytes(StandardCharsets.US_ASCII);
  }

  /** A text cut to a length, never in the middle of a character. */
  static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
    return text.substring(0, end) + '…';
  }

  /**
   * Text as a {@code grpc-message}: UTF-8 with everything but printable ASCII, and {@code %},
   * percent-encoded.
   *
   * @see <a href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses">gRPC
   *     over HTTP/2, Responses</a>
   */
  static AsciiString percentEncoded(String text) {
    byte[] plain = text.getBytes(StandardCharsets.UTF_8);
    byte[] encoded = new byte[plain.length * 3];
    int length = 0;
    for (byte b : plain) {
      if (b >= ' ' && b <= '~' && b != '%') {
        encoded[length++] = b;
      } else {
        encoded[length++] = '%';
        encoded[length++] = HEX[b >> 4 & 0xf];
        encoded[length++] = HEX[b & 0xf];
      }
    }
    return new AsciiString(encoded, 0, length, true);
  }
}
