package io.scopegate.gateway.telemetry;

import io.netty.util.AsciiString;
import io.scopegate.gateway.json.JsonBytes;
import org.jspecify.annotations.Nullable;

/**
 * Caches texts that are repeated in many lines, encoded as JSON: paths, tenants, users, reasons. To
 * copy one costs a twentieth of escaping it, and they are most of a line. A text is kept when it is
 * repeated, so that a text used once costs only a comparison. For one thread.
 */
final class RepeatedTexts {
  private static final int SLOTS = 256; // a power of two

  private final int[] seen = new int[SLOTS];
  private final @Nullable Kept[] kept = new Kept[SLOTS];

  @SuppressWarnings("ArrayRecordComponent") // written once; nobody compares them
  private record Kept(CharSequence text, byte[] json) {}

  /**
   * Appends a text in quotes.
   *
   * @param most how many characters of it, at most; the same in all calls
   */
  void append(CharSequence text, int most, JsonBytes out) {
    boolean comparable = text instanceof String || text instanceof AsciiString;
    if (!comparable || text.length() > most) { // what is cut may be as long as a head
      out.string(text, most);
      return;
    }
    int hash = text.hashCode(); // both kinds keep it
    int slot = (hash ^ hash >>> 16 ^ hash >>> 8) & SLOTS - 1;
    Kept last = kept[slot];
    if (last != null && (last.text == text || last.text.equals(text))) {
      out.raw(last.json);
    } else if (seen[slot] == hash) {
      int start = out.length();
      out.string(text, most);
      kept[slot] = new Kept(text, out.toByteArray(start));
    } else {
      seen[slot] = hash;
      out.string(text, most);
    }
  }
}
