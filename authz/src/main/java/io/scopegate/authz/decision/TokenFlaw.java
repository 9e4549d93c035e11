package io.scopegate.authz.decision;

import io.scopegate.authz.TokenCheck;

/**
 * A token that is refused for what it is. Without a stack trace: anybody can send any number of
 * them.
 */
final class TokenFlaw extends Exception {
  private static final long serialVersionUID = 1;

  private final TokenCheck check;

  TokenFlaw(TokenCheck check) {
    super(check.words(), null, false, false);
    this.check = check;
  }

  TokenCheck check() {
    return check;
  }
}
