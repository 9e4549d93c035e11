package io.scopegate.authz.decision;

import io.scopegate.authz.TokenCheck;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What exactly is wrong with a token, in words for the operator: the claim and its value, and what
 * is expected. The values are those of the token, which anyone can make: they are cut and escaped.
 */
final class TokenCause {
  private static final int MOST_CHARS = 120;
  private static final int MOST_VALUES = 5;

  private TokenCause() {}

  /** For what can be told from the token and what is expected of it. */
  static String of(TokenCheck check, @Nullable Jws jws, List<String> audiences) {
    if (jws == null) {
      return "";
    }
    return switch (check) {
      case EXPIRED -> "exp is " + time(jws.expiryMillis()) + issuedBy(jws);
      case NOT_YET -> "nbf is " + time(jws.notBeforeMillis()) + issuedBy(jws);
      case AUDIENCE -> audience(jws, audiences);
      case CLAIMS -> "no claim exp" + issuedBy(jws);
      default -> "";
    };
  }

  private static String audience(Jws jws, List<String> audiences) {
    return (jws.audiences().isEmpty() ? "no claim aud" : "aud is " + names(jws.audiences()))
        + (audiences.isEmpty() ? "" : " (expected: one of " + names(audiences) + ")")
        + issuedBy(jws);
  }

  /**
   * For a token that the API server rejected, which seldom says why: what the token says of itself.
   * Empty for one that is no JWT.
   */
  static String rejected(String token, List<String> audiences) {
    try {
      Jws jws = Jws.parse(token);
      String expected =
          audiences.isEmpty()
              ? " (expected: one of the API server's, as authentication.kubernetes.audiences is"
                  + " empty)"
              : "";
      return audience(jws, audiences)
          + expected
          + (jws.expiryMillis() == Long.MAX_VALUE ? "" : ", exp is " + time(jws.expiryMillis()));
    } catch (TokenFlaw e) {
      return "";
    }
  }

  /** A token of an issuer that nobody here answers for. */
  static String issuer(@Nullable Jws jws, List<String> known) {
    return (jws == null ? "no JWT" : "iss is " + shown(jws.issuer()))
        + (known.isEmpty() ? "" : " (expected: one of " + names(known) + ")");
  }

  static String issuedBy(Jws jws) {
    return ", iss is " + shown(jws.issuer());
  }

  /** The name of the key, as the token gives it. */
  static String kid(Jws jws) {
    return jws.kid().isEmpty() ? "no kid" : "kid " + shown(jws.kid());
  }

  /** Any value of a claim. */
  static String value(@Nullable Object value) {
    return shown(String.valueOf(value));
  }

  private static String names(List<String> names) {
    List<String> some = names.stream().limit(MOST_VALUES).map(TokenCause::shown).toList();
    return String.join(", ", some) + (names.size() > MOST_VALUES ? ", ..." : "");
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  private static String shown(String text) {
    String visible = text.replaceAll("[^ -~]", "?");
    return visible.length() > MOST_CHARS ? visible.substring(0, MOST_CHARS) + "..." : visible;
  }
}
