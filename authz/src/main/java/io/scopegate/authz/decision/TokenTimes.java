package io.scopegate.authz.decision;

import io.scopegate.authz.TokenCheck;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Whether a token is within its time. */
final class TokenTimes {
  /**
   * How far the issuer's clock may be off, either way. The API server takes a token for as long
   * before its {@code nbf} and after its {@code exp}, and what it would take is not refused here.
   */
  static final long LEEWAY_MILLIS = Duration.ofMinutes(1).toMillis();

  private TokenTimes() {}

  /** What is wrong with its times; null when nothing is. */
  static @Nullable TokenCheck flaw(Jws jws, long nowMillis) {
    if (jws.expiryMillis() <= nowMillis - LEEWAY_MILLIS) {
      return TokenCheck.EXPIRED;
    }
    return jws.notBeforeMillis() > nowMillis + LEEWAY_MILLIS ? TokenCheck.NOT_YET : null;
  }

  /** When a token that is good now ends: by its {@code exp}, within the leeway a minute later. */
  static long endMillis(Jws jws, long nowMillis) {
    long expiry = jws.expiryMillis();
    return expiry > nowMillis ? expiry : expiry + LEEWAY_MILLIS;
  }
}
