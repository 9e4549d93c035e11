package io.scopegate.authz.decision;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A token is read, or refused as a token; what nobody signed is signed by nobody. The input is a
 * token, or a header and a payload in JSON with a line feed in between.
 */
public final class JwsFuzz {
  private static final IssuerKeys KEYS = Signer.keys("i", Signer.ec("k"), Signer.rsa("r"));
  private static final String SIGNATURE = "." + "A".repeat(86);

  private JwsFuzz() {}

  /** One token. */
  public static void fuzzerTestOneInput(byte[] data) {
    int line = 0;
    while (line < data.length && data[line] != '\n') {
      line++;
    }
    if (line == data.length) {
      check(new String(data, StandardCharsets.ISO_8859_1));
    } else {
      String header = Signer.encode(Arrays.copyOfRange(data, 0, line));
      String payload = Signer.encode(Arrays.copyOfRange(data, line + 1, data.length));
      check(header + "." + payload + SIGNATURE);
    }
  }

  private static void check(String token) {
    if (!Jws.looksLikeOne(token)) {
      return;
    }
    Jws jws;
    try {
      jws = Jws.parse(token);
    } catch (TokenFlaw refused) {
      must(!refused.check().words().isEmpty(), "a refusal says why");
      return;
    }
    must(!KEYS.signed(jws), "nobody signed it");
    must(!jws.issuer().isEmpty(), "it has an issuer");
    must(!jws.audiences().contains(""), "audiences are not empty");
    must(jws.expiryMillis() >= 0 && jws.notBeforeMillis() >= 0, "times are not negative");
  }

  private static void must(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }
}
