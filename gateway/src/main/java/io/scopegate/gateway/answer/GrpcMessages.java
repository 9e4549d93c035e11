package io.scopegate.gateway.answer;

import io.netty.util.AsciiString;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The texts of refusals as {@code grpc-message}. A client over a limit gets the same text each
 * time, so the last ones are kept: as the same object a text is also found at once among the header
 * fields that a connection has sent before. For any thread.
 */
final class GrpcMessages {
  private static final int KEPT = 256; // a power of two

  private final AtomicReferenceArray<@Nullable Kept> kept = new AtomicReferenceArray<>(KEPT);

  private record Kept(String text, AsciiString encoded) {}

  /** The text, percent-encoded. */
  AsciiString of(String text) {
    int hash = text.hashCode();
    int slot = (hash ^ hash >>> 16) & KEPT - 1;
    Kept last = kept.getAcquire(slot);
    if (last != null && last.text.equals(text)) {
      return last.encoded;
    }
    AsciiString encoded = Ascii.percentEncoded(text);
    kept.setRelease(slot, new Kept(text, encoded));
    return encoded;
  }
}
