package io.scopegate.authz.decision;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The keys of an issuer as they were at one time. */
final class IssuerKeys {
  /** At most this many keys are tried for a token, because each costs a verification. */
  private static final int MAX_TRIED = 8;

  private final String issuer;
  private final List<VerificationKey> keys;
  private final Map<String, List<VerificationKey>> byKid = new HashMap<>();

  /**
   * Keys that were read.
   *
   * @param issuer the {@code iss} of its tokens
   */
  IssuerKeys(String issuer, List<VerificationKey> keys) {
    this.issuer = issuer;
    this.keys = List.copyOf(keys);
    for (VerificationKey key : keys) {
      byKid.computeIfAbsent(key.kid(), kid -> new ArrayList<>()).add(key);
    }
  }

  String issuer() {
    return issuer;
  }

  int size() {
    return keys.size();
  }

  /** Whether exactly these keys, in whatever order. */
  boolean sameAs(IssuerKeys other) {
    return issuer.equals(other.issuer)
        && keys.size() == other.keys.size()
        && keys.containsAll(other.keys)
        && other.keys.containsAll(keys);
  }

  /** Whether the key that the token names is here; without a name nobody knows. */
  boolean names(Jws jws) {
    return !jws.kid().isEmpty() && byKid.containsKey(jws.kid());
  }

  /** Whether any key could have signed the token, so that verification is worth its cost. */
  boolean mayHaveSigned(Jws jws) {
    return candidates(jws).stream().anyMatch(key -> key.fits(jws.algorithm()));
  }

  /** Whether one of the keys signed the token: those of its name, without a name any. */
  boolean signed(Jws jws) {
    int tried = 0;
    for (VerificationKey candidate : candidates(jws)) {
      if (candidate.fits(jws.algorithm())) {
        if (jws.isSignedBy(candidate.key())) {
          return true;
        }
        if (++tried == MAX_TRIED) {
          return false;
        }
      }
    }
    return false;
  }

  private List<VerificationKey> candidates(Jws jws) {
    return jws.kid().isEmpty() ? keys : byKid.getOrDefault(jws.kid(), List.of());
  }
}
