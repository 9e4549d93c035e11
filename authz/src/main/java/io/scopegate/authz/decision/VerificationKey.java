package io.scopegate.authz.decision;

import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.io.Deserializer;
import io.jsonwebtoken.io.Parser;
import io.jsonwebtoken.security.Jwk;
import io.jsonwebtoken.security.Jwks;
import io.jsonwebtoken.security.PublicJwk;
import java.io.IOException;
import java.io.Reader;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One key of an issuer.
 *
 * @param kid its name; empty when it has none
 * @param algorithm the only one it is for; null when it does not say
 * @param key the public key
 */
record VerificationKey(String kid, @Nullable JwsAlgorithm algorithm, PublicKey key) {
  private static final int MAX_KEYS = 100;

  /** Whether it may have signed a token by this algorithm. */
  boolean fits(JwsAlgorithm wanted) {
    return (algorithm == null || algorithm == wanted) && wanted.fits(key);
  }

  /**
   * Reads a <a href="https://datatracker.ietf.org/doc/html/rfc7517#section-5">JWK Set</a>. Keys of
   * unknown kinds, for other uses, symmetric and private ones are left out.
   *
   * @throws IOException when it is none, is too large, or has no key that can be used
   */
  static List<VerificationKey> readSet(byte[] json) throws IOException {
    Map<String, @Nullable Object> set = StrictJson.object(json);
    if (!(set.get("keys") instanceof List<?> jwks) || jwks.size() > MAX_KEYS) {
      throw new IOException("keys: no list, or more than " + MAX_KEYS);
    }
    List<VerificationKey> keys = new ArrayList<>();
    for (Object jwk : jwks) {
      VerificationKey key = jwk instanceof Map<?, ?> map ? read(map) : null;
      if (key != null) {
        keys.add(key);
      }
    }
    if (keys.isEmpty()) {
      throw new IOException("keys: none that can be used");
    }
    return List.copyOf(keys);
  }

  private static @Nullable VerificationKey read(Map<?, ?> map) {
    Object kid = map.get("kid");
    Object alg = map.get("alg");
    JwsAlgorithm algorithm = JwsAlgorithm.of(alg);
    boolean named = kid == null || kid instanceof String;
    if (!named || !isForSignatures(map) || (alg != null && algorithm == null)) {
      return null;
    }
    PublicKey key = publicKey(map);
    return key != null && isUsable(key, algorithm)
        ? new VerificationKey(kid == null ? "" : (String) kid, algorithm, key)
        : null;
  }

  private static boolean isForSignatures(Map<?, ?> map) {
    Object use = map.get("use");
    Object operations = map.get("key_ops");
    return (use == null || use.equals("sig"))
        && (operations == null || operations instanceof List<?> ops && ops.contains("verify"));
  }

  private static boolean isUsable(PublicKey key, @Nullable JwsAlgorithm algorithm) {
    if (algorithm != null) {
      return algorithm.fits(key);
    }
    for (JwsAlgorithm one : JwsAlgorithm.values()) {
      if (one.fits(key)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable PublicKey publicKey(Map<?, ?> map) {
    try {
      Parser<Jwk<?>> parser = Jwks.parser().json(new AlreadyRead(map)).build();
      return parser.parse("{}") instanceof PublicJwk<?> jwk ? jwk.toKey() : null;
    } catch (JwtException | IllegalArgumentException | IllegalStateException e) {
      return null; // a point that is not on its curve, a weak key, a kind that is not known
    }
  }

  /** Hands the library what was read strictly, so that its own reading is not relied on. */
  private static final class AlreadyRead implements Deserializer<Map<String, ?>> {
    private final Map<?, ?> map;

    AlreadyRead(Map<?, ?> map) {
      this.map = map;
    }

    @Override
    public Map<String, ?> deserialize(byte[] ignored) {
      return read();
    }

    @Override
    public Map<String, ?> deserialize(Reader ignored) {
      return read();
    }

    @SuppressWarnings("unchecked") // of JSON, whose names are texts
    private Map<String, ?> read() {
      return (Map<String, ?>) map;
    }
  }
}
