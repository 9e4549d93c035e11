package io.scopegate.authz.decision;

import java.io.IOException;

/** The keys that an issuer publishes are read, or refused as a whole; each of them can be used. */
public final class KeySetFuzz {
  private KeySetFuzz() {}

  /** One JWK Set. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      for (VerificationKey key : VerificationKey.readSet(data)) {
        boolean used = false;
        for (JwsAlgorithm algorithm : JwsAlgorithm.values()) {
          used |= key.fits(algorithm);
        }
        if (!used) {
          throw new AssertionError("a key that fits no algorithm: " + key);
        }
      }
    } catch (IOException refused) {
      if (refused.getMessage() == null) {
        throw new AssertionError("a refusal says why", refused);
      }
    }
  }
}
