package io.scopegate.e2e.hostile;

import io.scopegate.testkit.OidcStandIn;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Signs with ES256 for an issuer, and forges what looks as if it had. For any thread. */
final class EcIssuer {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final int COORDINATE = 32;
  private static final String KEY = "hostile-1";

  private final KeyPair keys;
  private final String issuer;
  private final AtomicLong issued = new AtomicLong();

  /** Shows its key as that of the issuer. */
  EcIssuer(OidcStandIn oidc) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      keys = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    issuer = oidc.issuer();
    oidc.showKeys(new JsonObject().put("keys", new JsonArray().add(key())));
  }

  private JsonObject key() {
    ECPublicKey key = (ECPublicKey) keys.getPublic();
    return new JsonObject()
        .put("kty", "EC")
        .put("crv", "P-256")
        .put("alg", "ES256")
        .put("use", "sig")
        .put("kid", KEY)
        .put("x", coordinate(key.getW().getAffineX()))
        .put("y", coordinate(key.getW().getAffineY()));
  }

  /** A token of a user, good for an hour, that was never seen before. */
  String token(String user) {
    String text = unsigned(user, KEY);
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(keys.getPrivate());
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return text + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same with a signature of random bytes, which has to be calculated before it is refused. */
  String forged(String user) {
    return withRandomSignature(unsigned(user, KEY));
  }

  /** A forged token that names a key which the issuer never had. */
  String ofUnknownKey(String user) {
    return withRandomSignature(unsigned(user, "unknown-" + issued.incrementAndGet()));
  }

  private static String withRandomSignature(String text) {
    byte[] signature = new byte[2 * COORDINATE];
    ThreadLocalRandom.current().nextBytes(signature);
    signature[0] = 1; // below the order of the curve, as a signature is
    signature[COORDINATE] = 1;
    return text + "." + BASE64.encodeToString(signature);
  }

  private String unsigned(String user, String key) {
    long now = Instant.now().getEpochSecond();
    JsonObject claims =
        new JsonObject()
            .put("iss", issuer)
            .put("sub", user)
            .put("aud", "scopegate")
            .put("iat", now)
            .put("exp", now + 3_600)
            .put("jti", Long.toString(issued.incrementAndGet()));
    JsonObject header = new JsonObject().put("alg", "ES256").put("kid", key);
    return encoded(header) + "." + encoded(claims);
  }

  private static String encoded(JsonObject json) {
    return BASE64.encodeToString(json.encode().getBytes(StandardCharsets.UTF_8));
  }

  private static String coordinate(BigInteger number) {
    byte[] all = number.toByteArray();
    byte[] fixed = new byte[COORDINATE];
    int length = Math.min(all.length, COORDINATE);
    System.arraycopy(all, all.length - length, fixed, COORDINATE - length, length);
    return BASE64.encodeToString(fixed);
  }
}
