package io.scopegate.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A head whose fields are checked as Netty checks them, but not again those which came before on
 * the same connection: header compression gives back the same objects, and to look at every letter
 * of a token each time is a good part of what reading a small request costs.
 */
final class CheckedHeaders extends CountedHeaders {
  private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");

  private final Known known;
  private @Nullable CharSequence token;
  private int pseudoLetters;

  /**
   * No fields yet.
   *
   * @param known what was good before on the same connection
   * @param token the value of the first {@code authorization} that comes without one; null: it
   *     stays without
   */
  CheckedHeaders(Known known, @Nullable CharSequence token) {
    super(MANY);
    this.known = known;
    this.token = token;
  }

  @Override
  public Http2Headers add(CharSequence name, CharSequence value) {
    if (token != null && value.length() == 0 && HttpHeaderNames.AUTHORIZATION.contentEquals(name)) {
      CharSequence its = token;
      token = null;
      return super.add(name, its);
    }
    return super.add(name, value);
  }

  @Override
  protected void validateName(
      NameValidator<CharSequence> validator, boolean forAdd, CharSequence name) {
    if (isSecondPseudo(name) || !known.name(name)) {
      if (PROTOCOL.contentEquals(name)) { // RFC 8441 3: only where it was offered
        throw new IllegalArgumentException(":protocol: extended CONNECT is not offered");
      }
      super.validateName(validator, forAdd, name);
      known.nameIsGood(name);
    }
  }

  /**
   * By their first letters, which differ, mostly: the table is only looked at where one is back.
   */
  private boolean isSecondPseudo(CharSequence name) {
    if (name.length() < 2 || name.charAt(0) != ':') {
      return false;
    }
    int letter = 1 << (name.charAt(1) & 31);
    boolean before = (pseudoLetters & letter) != 0;
    pseudoLetters |= letter;
    return before && contains(name);
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
   * The fields that were good, by identity; one for each connection that was let in. What comes
   * again as the same object is in the header table, or is the last token: to hold on to more would
   * be memory that any client may have for the asking. Of a client that was not let in only the
   * last token is known, for as long as the header table has it.
   */
  static final class Known {
    /** The table has 4 KiB, a token that is kept 16 KiB at most. */
    static final int MOST_CHARS = 24 << 10;

    private static final int SLOTS = 64; // a power of two

    private static final @Nullable CharSequence[] NONE = {};

    /** Shorter ones are checked as fast as they are found. */
    private static final int LEAST_TOKEN = 128;

    private static final WeakReference<CharSequence> NO_TOKEN = new WeakReference<>(null);

    private final ConnectionStanding client;
    private @Nullable CharSequence[] names = NONE;
    private @Nullable CharSequence[] values = NONE;
    private int chars;
    private WeakReference<CharSequence> token = NO_TOKEN;

    /**
     * Nothing yet.
     *
     * @param client how the connection stands: nothing is remembered until it was let in
     */
    Known(ConnectionStanding client) {
      this.client = client;
    }

    private static int slot(CharSequence name) {
      int hash = name.hashCode(); // which names keep
      return (hash ^ hash >>> 16 ^ hash >>> 8) & SLOTS - 1;
    }

    private boolean name(CharSequence name) {
      return names.length > 0 && names[slot(name)] == name;
    }

    private boolean field(CharSequence name, CharSequence value) {
      if (values.length == 0) {
        return value == token.get() && HttpHeaderNames.AUTHORIZATION.contentEquals(name);
      }
      int slot = slot(name);
      return values[slot] == value && names[slot] == name;
    }

    private void nameIsGood(CharSequence name) {
      if (names.length == 0) {
        if (!client.isLetIn()) {
          return;
        }
        names = new CharSequence[SLOTS];
        values = new CharSequence[SLOTS];
      }
      int slot = slot(name);
      chars -= length(names[slot]) + length(values[slot]);
      values[slot] = null;
      names[slot] = null;
      if (fits(name)) {
        names[slot] = name;
      }
    }

    private void valueIsGood(CharSequence name, CharSequence value) {
      if (values.length == 0) {
        if (value.length() >= LEAST_TOKEN && HttpHeaderNames.AUTHORIZATION.contentEquals(name)) {
          token = new WeakReference<>(value);
        }
        return;
      }
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
