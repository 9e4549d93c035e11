package io.scopegate.gateway.http;

import io.netty.handler.codec.http2.Http2Settings;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The value of an {@code HTTP2-Settings} header, <a
 * href="https://datatracker.ietf.org/doc/html/rfc7540#section-3.2.1">RFC 7540 3.2.1</a>.
 */
final class UpgradeSettings {
  private static final int ENTRY_BYTES = 6;
  private static final int MAX_LENGTH = 512;

  private UpgradeSettings() {}

  /** The settings; null when they are malformed. */
  static @Nullable Http2Settings parse(String value) {
    if (value.length() > MAX_LENGTH) {
      return null;
    }
    try {
      ByteBuffer in = ByteBuffer.wrap(Base64.getUrlDecoder().decode(value.trim()));
      if (in.remaining() % ENTRY_BYTES != 0) {
        return null;
      }
      Http2Settings settings = new Http2Settings();
      while (in.hasRemaining()) {
        char key = (char) (in.getShort() & 0xffff);
        settings.put(key, Long.valueOf(in.getInt() & 0xffffffffL));
      }
      return settings;
    } catch (IllegalArgumentException e) {
      return null; // not base64, or a value out of its range
    }
  }
}
