package io.scopegate.authz.decision;

import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.SignatureAlgorithm;
import io.jsonwebtoken.security.VerifySecureDigestRequest;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import org.jspecify.annotations.Nullable;

/**
 * The <a href="https://datatracker.ietf.org/doc/html/rfc7518#section-3.1">algorithms</a> that are
 * accepted: asymmetric ones. {@code none} and {@code HS*} are not among them, so a public key can
 * never serve as a shared secret.
 */
enum JwsAlgorithm {
  RS256("RS256", Jwts.SIG.RS256),
  RS384("RS384", Jwts.SIG.RS384),
  RS512("RS512", Jwts.SIG.RS512),
  PS256("PS256", Jwts.SIG.PS256),
  PS384("PS384", Jwts.SIG.PS384),
  PS512("PS512", Jwts.SIG.PS512),
  ES256("ES256", Jwts.SIG.ES256, 256),
  ES384("ES384", Jwts.SIG.ES384, 384),
  ES512("ES512", Jwts.SIG.ES512, 521),
  EDDSA("EdDSA", Jwts.SIG.EdDSA);

  private static final int MIN_RSA_BITS = 2048;

  /** More would let one issuer's key cost milliseconds a token. */
  private static final int MAX_RSA_BITS = 8192;

  private static final int ED25519_BYTES = 64;
  private static final int ED448_BYTES = 114;

  private final String id;
  private final SignatureAlgorithm algorithm;

  /** Of the curve; 0 for what is none of NIST's. */
  private final int fieldBits;

  JwsAlgorithm(String id, SignatureAlgorithm algorithm) {
    this(id, algorithm, 0);
  }

  JwsAlgorithm(String id, SignatureAlgorithm algorithm, int fieldBits) {
    this.id = id;
    this.algorithm = algorithm;
    this.fieldBits = fieldBits;
  }

  /** The algorithm of this {@code alg}; null when it is not accepted. */
  static @Nullable JwsAlgorithm of(@Nullable Object id) {
    for (JwsAlgorithm one : values()) {
      if (one.id.equals(id)) {
        return one;
      }
    }
    return null;
  }

  /** Its name in a header. */
  String id() {
    return id;
  }

  /** Whether a key is of the right kind, and neither weak nor needlessly expensive. */
  boolean fits(PublicKey key) {
    return signatureBytes(key) > 0;
  }

  /** Whether this is a signature of these bytes; asks nobody. */
  boolean verifies(PublicKey key, byte[] signed, byte[] signature) {
    if (signature.length != signatureBytes(key)) {
      return false;
    }
    try {
      return algorithm.verify(new Request(key, signed, signature));
    } catch (JwtException | IllegalArgumentException e) {
      return false; // such as r = s = 0
    }
  }

  /** How long a signature by this key is; 0 when the key does not fit. */
  private int signatureBytes(PublicKey key) {
    if (fieldBits > 0) {
      return key instanceof ECPublicKey ec
              && ec.getParams().getCurve().getField().getFieldSize() == fieldBits
          ? 2 * ((fieldBits + 7) / 8)
          : 0;
    }
    if (this == EDDSA) {
      return key instanceof EdECPublicKey ed ? edwardsBytes(ed) : 0;
    }
    int bits = key instanceof RSAPublicKey rsa ? rsa.getModulus().bitLength() : 0;
    return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS ? (bits + 7) / 8 : 0;
  }

  private static int edwardsBytes(EdECPublicKey key) {
    return switch (key.getParams().getName()) {
      case "Ed25519" -> ED25519_BYTES;
      case "Ed448" -> ED448_BYTES;
      default -> 0;
    };
  }

  /** The library's form of the question. */
  private static final class Request implements VerifySecureDigestRequest<PublicKey> {
    private final PublicKey key;
    private final byte[] signed;
    private final byte[] signature;

    Request(PublicKey key, byte[] signed, byte[] signature) {
      this.key = key;
      this.signed = signed;
      this.signature = signature;
    }

    @Override
    public PublicKey getKey() {
      return key;
    }

    @Override
    public byte[] getDigest() {
      return signature;
    }

    @Override
    public InputStream getPayload() {
      return new ByteArrayInputStream(signed);
    }

    @Override
    @SuppressWarnings("NullAway") // null is the library's word for the JVM's own
    public Provider getProvider() {
      return null;
    }

    @Override
    @SuppressWarnings("NullAway")
    public SecureRandom getSecureRandom() {
      return null;
    }
  }
}
