package io.scopegate.authz.decision;

import io.scopegate.authz.TokenCheck;
import org.jspecify.annotations.Nullable;

/** Whether a token is within its time. */
final class TokenTimes {
  /** How far the issuer's clock may be ahead. */
  private static final long SKEW_MILLIS = 5_000;

  private TokenTimes() {}

  /**
   * What is wrong with its times; null when nothing is.
   *
   * @param graceMillis how long after its {@code exp} it is not refused yet
   */
  static @Nullable TokenCheck flaw(Jws jws, long nowMillis, long graceMillis) {
    if (jws.expiryMillis() <= nowMillis - graceMillis) {
      return TokenCheck.EXPIRED;
    }
    return jws.notBeforeMillis() > nowMillis + SKEW_MILLIS ? TokenCheck.NOT_YET : null;
  }
}
