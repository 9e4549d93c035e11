package io.scopegate.gateway.http;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A head whose fields are checked as Netty checks them, but not again those which came before on
 * the same connection: header compression gives back the same objects, and to look at every letter
 * of a token each time is a good part of what reading a small request costs.
 */
final class CheckedHeaders extends DefaultHttp2Headers {
  private static final int USUAL_FIELDS = 16;
  private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");

  private final Known known;

  /**
   * No fields yet.
   *
   * @param known what was good before on the same connection
   */
  CheckedHeaders(Known known) {
    super(true, true, USUAL_FIELDS);
    this.known = known;
  }

  @Override
  protected void validateName(
      NameValidator<CharSequence> validator, boolean forAdd, CharSequence name) {
    boolean twice = name.length() > 0 && name.charAt(0) == ':' && contains(name);
    if (twice || !known.name(name)) {
      if (PROTOCOL.contentEquals(name)) { // RFC 8441 3: only where it was offered
        throw new IllegalArgumentException(":protocol: extended CONNECT is not offered");
      }
      super.validateName(validator, forAdd, name);
      known.nameIsGood(name);
    }
  }

  @Override
  protected void validateValue(
      ValueValidator<CharSequence> validator, CharSequence name, CharSequence value) {
    if (!known.field(name, value)) {
      super.validateValue(validator, name, value);
      known.valueIsGood(name, value);
    }
  }

  /**
   * The fields that were good, by identity; one for each connection. What comes again as the same
   * object is in the header table, or is the last token: to hold on to more would be memory that
   * any client may have for the asking.
   */
  static final class Known {
    /** The table has 4 KiB, a token that is kept 16 KiB at most. */
    static final int MOST_CHARS = 24 << 10;

    private static final int SLOTS = 64; // a power of two

    private final @Nullable CharSequence[] names = new CharSequence[SLOTS];
    private final @Nullable CharSequence[] values = new CharSequence[SLOTS];
    private int chars;

    private static int slot(CharSequence name) {
      int hash = name.hashCode(); // which names keep
      return (hash ^ hash >>> 16 ^ hash >>> 8) & SLOTS - 1;
    }

    private boolean name(CharSequence name) {
      return names[slot(name)] == name;
    }

    private boolean field(CharSequence name, CharSequence value) {
      int slot = slot(name);
      return values[slot] == value && names[slot] == name;
    }

    private void nameIsGood(CharSequence name) {
      int slot = slot(name);
      chars -= length(names[slot]) + length(values[slot]);
      values[slot] = null;
      names[slot] = null;
      if (fits(name)) {
        names[slot] = name;
      }
    }

    private void valueIsGood(CharSequence name, CharSequence value) {
      int slot = slot(name);
      if (names[slot] == name) {
        chars -= length(values[slot]);
        values[slot] = null;
        if (fits(value)) {
          values[slot] = value;
        }
      }
    }

    /** Whether there is room for a text, which counts from now on; else there soon is. */
    private boolean fits(CharSequence text) {
      if (text.length() > MOST_CHARS) {
        return false;
      }
      if (chars + text.length() > MOST_CHARS) {
        Arrays.fill(names, null);
        Arrays.fill(values, null);
        chars = 0;
        return false;
      }
      chars += text.length();
      return true;
    }

    private static int length(@Nullable CharSequence text) {
      return text == null ? 0 : text.length();
    }
  }
}
