package io.scopegate.authz.decision;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Signs tokens with a real key, whatever their headers and claims say. */
final class Signer {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
  private static final int COORDINATE_BYTES = 32;

  private final String kid;
  private final String alg;
  private final KeyPair keys;

  private Signer(String kid, String alg, String kind, AlgorithmParameterSpec spec) {
    this.kid = kid;
    this.alg = alg;
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      generator.initialize(spec);
      this.keys = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static Signer rsa(String kid) {
    return rsa(kid, 2048);
  }

  static Signer rsa(String kid, int bits) {
    return new Signer(
        kid, "RS256", "RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4));
  }

  static Signer ec(String kid) {
    return new Signer(kid, "ES256", "EC", new ECGenParameterSpec("secp256r1"));
  }

  static Signer ed(String kid) {
    return new Signer(kid, "EdDSA", "Ed25519", NamedParameterSpec.ED25519);
  }

  /** A set of these keys. */
  static JsonObject set(Signer... signers) {
    return new JsonObject()
        .put("keys", new JsonArray(Arrays.stream(signers).map(Signer::jwk).toList()));
  }

  static IssuerKeys keys(String issuer, Signer... signers) {
    return new IssuerKeys(issuer, Arrays.stream(signers).map(Signer::key).toList());
  }

  VerificationKey key() {
    return new VerificationKey(kid, JwsAlgorithm.of(alg), keys.getPublic());
  }

  byte[] publicKey() {
    return keys.getPublic().getEncoded();
  }

  String kid() {
    return kid;
  }

  JsonObject jwk() {
    JsonObject jwk = new JsonObject().put("kid", kid).put("alg", alg).put("use", "sig");
    if (keys.getPublic() instanceof RSAPublicKey rsa) {
      return jwk.put("kty", "RSA")
          .put("n", number(rsa.getModulus(), 0))
          .put("e", number(rsa.getPublicExponent(), 0));
    }
    if (keys.getPublic() instanceof ECPublicKey ec) {
      return jwk.put("kty", "EC")
          .put("crv", "P-256")
          .put("x", number(ec.getW().getAffineX(), COORDINATE_BYTES))
          .put("y", number(ec.getW().getAffineY(), COORDINATE_BYTES));
    }
    byte[] encoded = ((EdECPublicKey) keys.getPublic()).getEncoded();
    return jwk.put("kty", "OKP")
        .put("crv", "Ed25519")
        .put("x", encode(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)));
  }

  private static String number(BigInteger value, int length) {
    byte[] bytes = value.toByteArray();
    byte[] unsigned = bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    int missing = Math.max(0, length - unsigned.length);
    byte[] padded = new byte[missing + unsigned.length];
    System.arraycopy(unsigned, 0, padded, missing, unsigned.length);
    return encode(padded);
  }

  JsonObject header() {
    return new JsonObject().put("alg", alg).put("kid", kid).put("typ", "JWT");
  }

  String sign(JsonObject claims) {
    return sign(header().encode(), claims.encode());
  }

  String sign(JsonObject header, JsonObject claims) {
    return sign(header.encode(), claims.encode());
  }

  String sign(String header, String payload) {
    String text = encode(bytes(header)) + "." + encode(bytes(payload));
    return text + "." + encode(signature(bytes(text)));
  }

  byte[] signature(byte[] text) {
    String name =
        switch (alg) {
          case "RS256" -> "SHA256withRSA";
          case "ES256" -> "SHA256withECDSAinP1363Format";
          default -> "Ed25519";
        };
    try {
      Signature signature = Signature.getInstance(name);
      signature.initSign(keys.getPrivate());
      signature.update(text);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String encode(byte[] bytes) {
    return BASE64.encodeToString(bytes);
  }

  static String encode(String text) {
    return encode(bytes(text));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Claims of a service account's token, good from now for an hour. */
  static JsonObject account(String issuer, long nowMillis) {
    JsonObject account = new JsonObject().put("name", "ingest").put("uid", "uid-ingest");
    JsonObject pod = new JsonObject().put("name", "ingest-0").put("uid", "uid-pod");
    return new JsonObject()
        .put("iss", issuer)
        .put("aud", new JsonArray(List.of(issuer)))
        .put("sub", "system:serviceaccount:payments:ingest")
        .put("iat", nowMillis / 1000 - 60)
        .put("nbf", nowMillis / 1000 - 60)
        .put("exp", nowMillis / 1000 + 3600)
        .put(
            "kubernetes.io",
            new JsonObject()
                .put("namespace", "payments")
                .put("serviceaccount", account)
                .put("pod", pod));
  }
}
