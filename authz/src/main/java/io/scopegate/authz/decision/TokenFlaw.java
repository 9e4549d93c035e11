package io.scopegate.authz.decision;

import io.scopegate.authz.TokenCheck;
import org.jspecify.annotations.Nullable;

/**
 * A token that is refused for what it is. Without a stack trace: anybody can send any number of
 * them.
 */
final class TokenFlaw extends Exception {
  private static final long serialVersionUID = 1;

  private final TokenCheck check;
  private final @Nullable String issuer;
  private final String exactly;

  /** A flaw whichever issuer the token has. */
  TokenFlaw(TokenCheck check) {
    this(check, null);
  }

  /** A claim that is missing or not accepted; which, and why, in words for the operator. */
  static TokenFlaw ofClaim(String cause) {
    return new TokenFlaw(TokenCheck.CLAIMS, null, cause);
  }

  /**
   * A flaw of a token whose issuer can be told: one that is not checked here may have meant it.
   *
   * @param issuer empty when it names none; null when it cannot be told
   */
  TokenFlaw(TokenCheck check, @Nullable String issuer) {
    this(check, issuer, "");
  }

  private TokenFlaw(TokenCheck check, @Nullable String issuer, String cause) {
    super(check.words(), null, false, false);
    this.check = check;
    this.issuer = issuer;
    this.exactly = cause;
  }

  /** What exactly is wrong, for the operator; empty when the check says it all. */
  String exactly() {
    return exactly;
  }

  /** Who it says issued it; empty when it names nobody, null when that cannot be told. */
  @Nullable String issuer() {
    return issuer;
  }

  TokenCheck check() {
    return check;
  }
}
