package io.scopegate.config;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Turns bytes into text, strictly. */
final class Utf8 {
  private Utf8() {}

  /** The text without a byte order mark, or null after a problem. */
  static @Nullable String decode(byte[] bytes, Problems problems) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = decoder.decode(in, out, true);
    String text = out.flip().toString();
    text = text.startsWith("\ufeff") ? text.substring(1) : text;
    if (result.isError()) {
      String value = String.format("byte 0x%02X", bytes[in.position()]);
      problems.add(positionOf(text), KeyPath.ROOT, value, "UTF-8");
      return null;
    }
    return text;
  }

  /** The place right after this text. */
  static Position positionOf(String before) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < before.length(); i++) {
      column++;
      if (before.charAt(i) == '\n') {
        line++;
        column = 1;
      }
    }
    return new Position(line, column);
  }
}
