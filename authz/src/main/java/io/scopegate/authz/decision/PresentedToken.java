package io.scopegate.authz.decision;

import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.User;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A token that somebody has sent, read as far as it can be.
 *
 * @param key finds what is known about it
 * @param text the token itself
 * @param jws what it says; null when it is opaque or has a flaw
 * @param flaw why it is refused by the issuer that it names; null when there is nothing wrong
 * @param issuer who it says issued it; empty when it is opaque or names nobody, null when that
 *     cannot be told because of the flaw
 * @param client who sent it
 * @param expected is told whose it will most likely be found to be
 */
record PresentedToken(
    TokenKey key,
    String text,
    @Nullable Jws jws,
    @Nullable TokenCheck flaw,
    @Nullable String issuer,
    Object client,
    Consumer<User> expected) {

  /** A token that does not need to be read. */
  static PresentedToken unread(TokenKey key, String text, Object client, Consumer<User> expected) {
    return new PresentedToken(key, text, null, null, "", client, expected);
  }

  /** This one, read; only when it is unread. */
  PresentedToken read() {
    if (!Jws.looksLikeOne(text)) {
      return this;
    }
    try {
      Jws parsed = Jws.parse(text);
      return new PresentedToken(key, text, parsed, null, parsed.issuer(), client, expected);
    } catch (TokenFlaw e) {
      return new PresentedToken(key, text, null, e.check(), e.issuer(), client, expected);
    }
  }

  /** Whether it is no token of any issuer: it is in the form of one, but cannot be read. */
  boolean isMalformed() {
    return flaw != null && issuer == null;
  }

  /** Shows nothing of it. */
  @Override
  public String toString() {
    return "PresentedToken[********]";
  }
}
