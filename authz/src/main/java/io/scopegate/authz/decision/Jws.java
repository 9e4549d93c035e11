package io.scopegate.authz.decision;

import io.scopegate.authz.TokenCheck;
import io.scopegate.authz.kubernetes.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A signed token in its <a href="https://datatracker.ietf.org/doc/html/rfc7515#section-7.1">compact
 * form</a>, read strictly: what two readers could read differently is refused. Nothing in it is to
 * be believed before {@link #isSignedBy}.
 *
 * <p>Of the header only {@code alg} and {@code kid} are used. Keys, and places to find them ({@code
 * jwk}, {@code jku}, {@code x5u}, {@code x5c}), are not looked at.
 */
final class Jws {
  private static final int MAX_HEADER_BYTES = 2048;
  private static final int MAX_KID_LENGTH = 256;
  private static final int MAX_AUDIENCES = 100;

  /** Of a header's first characters, which may be white space. */
  private static final int MAX_SPACE = 64;

  /** The end of the year 9999. */
  private static final long MAX_SECONDS = 253_402_300_799L;

  private final JwsAlgorithm algorithm;
  private final String kid;
  private final byte[] signed;
  private final byte[] signature;
  private final Map<String, @Nullable Object> claims;
  private final String issuer;
  private final List<String> audiences;
  private final long expiryMillis;
  private final long notBeforeMillis;
  private final long issuedMillis;

  private Jws(
      Map<String, @Nullable Object> header,
      Map<String, @Nullable Object> claims,
      byte[] signed,
      byte[] signature)
      throws TokenFlaw {
    this.claims = claims;
    this.issuer = issuer(claims);
    this.algorithm = algorithm(header, issuer);
    this.kid = kid(header);
    this.signed = signed;
    this.signature = signature;
    this.audiences = audiences(claims.get("aud"));
    this.expiryMillis = millis("exp", Long.MAX_VALUE);
    this.notBeforeMillis = millis("nbf", 0);
    this.issuedMillis = millis("iat", -1);
  }

  /**
   * Whether a token has the three parts of this form, and a header that is a JSON object. Others
   * are opaque here, whatever dots they hold.
   */
  static boolean looksLikeOne(String token) {
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    return first > 0
        && second > 0
        && token.indexOf('.', second + 1) < 0
        && startsAnObject(token.substring(0, Math.min(first, MAX_SPACE)));
  }

  /** Enough of a header to see how it begins. */
  private static boolean startsAnObject(String header) {
    int whole = header.length() - header.length() % 4;
    try {
      byte[] start =
          Base64.getUrlDecoder().decode(whole == 0 ? header : header.substring(0, whole));
      return new String(start, StandardCharsets.ISO_8859_1).stripLeading().startsWith("{");
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Reads a token that {@link #looksLikeOne}. */
  static Jws parse(String token) throws TokenFlaw {
    int first = token.indexOf('.');
    int second = token.lastIndexOf('.');
    if (token.length() > Tokens.MAX_LENGTH || first == second) {
      throw malformed();
    }
    byte[] header = decoded(token.substring(0, first));
    byte[] payload = decoded(token.substring(first + 1, second));
    byte[] signature = decoded(token.substring(second + 1));
    if (header.length > MAX_HEADER_BYTES) {
      throw malformed();
    }
    try {
      return new Jws(
          StrictJson.object(header),
          StrictJson.object(payload),
          token.substring(0, second).getBytes(StandardCharsets.US_ASCII),
          signature);
    } catch (IOException e) {
      throw malformed();
    }
  }

  /** Base64url in the one way that an encoder writes it: no padding, no stray bits. */
  private static byte[] decoded(String part) throws TokenFlaw {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(part);
      if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
    throw malformed();
  }

  private static TokenFlaw malformed() {
    return new TokenFlaw(TokenCheck.MALFORMED);
  }

  private static String issuer(Map<String, @Nullable Object> claims) throws TokenFlaw {
    if (!claims.containsKey("iss")) {
      throw new TokenFlaw(TokenCheck.MALFORMED, "");
    }
    return text(claims.get("iss"));
  }

  private static JwsAlgorithm algorithm(Map<String, @Nullable Object> header, String issuer)
      throws TokenFlaw {
    // Extensions that must be understood: none is.
    if (header.containsKey("crit") || header.containsKey("b64") || header.containsKey("zip")) {
      throw malformed();
    }
    JwsAlgorithm algorithm = JwsAlgorithm.of(header.get("alg"));
    if (algorithm == null) {
      throw new TokenFlaw(TokenCheck.ALGORITHM, issuer);
    }
    return algorithm;
  }

  private static String kid(Map<String, @Nullable Object> header) throws TokenFlaw {
    return header.containsKey("kid") ? bounded(text(header.get("kid"))) : "";
  }

  private static String bounded(String kid) throws TokenFlaw {
    if (kid.length() > MAX_KID_LENGTH) {
      throw malformed();
    }
    return kid;
  }

  private static String text(@Nullable Object value) throws TokenFlaw {
    if (value instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw malformed();
  }

  private static List<String> audiences(@Nullable Object value) throws TokenFlaw {
    if (value == null) {
      return List.of();
    }
    if (value instanceof String one) {
      return List.of(text(one));
    }
    if (!(value instanceof List<?> several) || several.size() > MAX_AUDIENCES) {
      throw malformed();
    }
    List<String> audiences = new ArrayList<>(several.size());
    for (Object one : several) {
      audiences.add(text(one));
    }
    return List.copyOf(audiences);
  }

  private long millis(String claim, long absent) throws TokenFlaw {
    if (!claims.containsKey(claim)) {
      return absent;
    }
    if (claims.get(claim) instanceof Number seconds) {
      double value = seconds.doubleValue();
      if (value >= 0 && value <= MAX_SECONDS) {
        return (long) Math.floor(value * 1000);
      }
    }
    throw malformed();
  }

  JwsAlgorithm algorithm() {
    return algorithm;
  }

  /** The name of the key; empty when there is none. */
  String kid() {
    return kid;
  }

  /** The {@code iss}; never empty. */
  String issuer() {
    return issuer;
  }

  /** The {@code aud}; empty when there is none. */
  List<String> audiences() {
    return audiences;
  }

  /** The {@code exp}; {@link Long#MAX_VALUE} when there is none. */
  long expiryMillis() {
    return expiryMillis;
  }

  /** The {@code nbf}; 0 when there is none. */
  long notBeforeMillis() {
    return notBeforeMillis;
  }

  /** The {@code iat}; -1 when there is none. */
  long issuedMillis() {
    return issuedMillis;
  }

  /** Any claim: a text, a number, a boolean, a list, a map; null when there is none. */
  @Nullable Object claim(String name) {
    return claims.get(name);
  }

  /** Whether it is for one of these. */
  boolean isFor(List<String> wanted) {
    return audiences.stream().anyMatch(wanted::contains);
  }

  /** Whether this key signed it. */
  boolean isSignedBy(PublicKey key) {
    return algorithm.verifies(key, signed, signature);
  }

  /** No part of the token. */
  @Override
  public String toString() {
    return "Jws[" + algorithm.id() + "]";
  }
}
