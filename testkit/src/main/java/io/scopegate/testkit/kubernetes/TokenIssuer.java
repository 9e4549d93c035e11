package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.Optional;
import java.util.UUID;

/**
 * Signs JSON Web Tokens (RS256), and knows them again. Its key differs from those of the 5 issuers
 * before it in the same process; making one takes longer than most tests, so they are used again
 * then.
 */
public final class TokenIssuer {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final int DIFFERENT = 6;
  private static final Deque<KeyPair> MADE = new ArrayDeque<>();

  private final String issuer;
  private final String keyId = UUID.randomUUID().toString();
  private final KeyPair keys;

  /**
   * An issuer with the next key, and a new id for it.
   *
   * @param issuer the {@code iss} claim
   */
  public TokenIssuer(String issuer) {
    this.issuer = issuer;
    this.keys = nextKeys();
  }

  private static KeyPair nextKeys() {
    synchronized (MADE) {
      KeyPair next = MADE.size() < DIFFERENT ? make() : MADE.remove();
      MADE.add(next);
      return next;
    }
  }

  private static KeyPair make() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("RSA is part of every JDK", e);
    }
  }

  /** The {@code iss} claim. */
  public String issuer() {
    return issuer;
  }

  /** Signs these claims; {@code iss} is added when it is missing. */
  public String sign(JsonObject claims) {
    JsonObject all = claims.copy();
    if (!all.containsKey("iss")) {
      all.put("iss", issuer);
    }
    JsonObject header = new JsonObject().put("alg", "RS256").put("kid", keyId);
    return sign(header.encode(), all.encode());
  }

  /** Signs any header and any payload as they are, whatever they say. */
  public String sign(String header, String payload) {
    String text = encoded(header) + "." + encoded(payload);
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(keys.getPrivate());
      signature.update(text.getBytes(StandardCharsets.US_ASCII));
      return text + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("RS256 is part of every JDK", e);
    }
  }

  /** What verifies its signatures. */
  public RSAPublicKey publicKey() {
    return (RSAPublicKey) keys.getPublic();
  }

  /** The {@code kid} of its key. */
  public String keyId() {
    return keyId;
  }

  /** The claims of a token that this issuer signed; times and audiences are not looked at. */
  public Optional<JsonObject> claims(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3 || token.indexOf('=') >= 0) {
      return Optional.empty();
    }
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initVerify(keys.getPublic());
      signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
      JsonObject header = decoded(parts[0]);
      if (!"RS256".equals(header.getValue("alg"))
          || header.containsKey("crit") // none is understood
          || !signature.verify(Base64.getUrlDecoder().decode(parts[2]))) {
        return Optional.empty();
      }
      return Optional.of(decoded(parts[1])).filter(all -> issuer.equals(all.getValue("iss")));
    } catch (GeneralSecurityException | IllegalArgumentException | DecodeException e) {
      return Optional.empty();
    }
  }

  /** The public key as a JSON Web Key Set. */
  public JsonObject jwks() {
    RSAPublicKey key = publicKey();
    JsonObject jwk =
        new JsonObject()
            .put("use", "sig")
            .put("kty", "RSA")
            .put("kid", keyId)
            .put("alg", "RS256")
            .put("n", number(key.getModulus()))
            .put("e", number(key.getPublicExponent()));
    return new JsonObject().put("keys", new JsonArray().add(jwk));
  }

  private static String encoded(String json) {
    return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonObject decoded(String part) {
    return new JsonObject(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
  }

  /** Big-endian, without the sign's byte. */
  private static String number(BigInteger value) {
    byte[] bytes = value.toByteArray();
    int from = bytes[0] == 0 ? 1 : 0;
    return BASE64.encodeToString(Arrays.copyOfRange(bytes, from, bytes.length));
  }
}
