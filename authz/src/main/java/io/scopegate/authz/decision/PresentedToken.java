package io.scopegate.authz.decision;

import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
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
 */
record PresentedToken(
    TokenKey key,
    String text,
    @Nullable Jws jws,
    @Nullable TokenCheck flaw,
    @Nullable String issuer,
    Object client) {

  /** A token that does not need to be read. */
  static PresentedToken unread(TokenKey key, String text, Object client) {
    return new PresentedToken(key, text, null, null, "", client);
  }

  /** Reads it. */
  static PresentedToken read(TokenKey key, String text, Object client) {
    if (!Jws.looksLikeOne(text)) {
      return unread(key, text, client);
    }
    try {
      Jws jws = Jws.parse(text);
      return new PresentedToken(key, text, jws, null, jws.issuer(), client);
    } catch (TokenFlaw e) {
      return new PresentedToken(key, text, null, e.check(), e.issuer(), client);
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
