package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Whatever is sent: it is read, or refused as a token; nothing else comes out. */
final class JwsPropertyTest {
  private static final Signer EC = Signer.ec("k");
  private static final String HEADER = EC.header().encode();

  private static void assertUnsigned(String token) {
    try {
      assertThat(Signer.keys("i", EC).signed(Jws.parse(token))).isFalse();
    } catch (TokenFlaw flaw) {
      assertThat(flaw.check().words()).isNotEmpty();
    }
  }

  @Property(tries = 500)
  void anyTextIsRefused(@ForAll String text) {
    assertUnsigned(text);
  }

  @Property(tries = 500)
  void anyThreePartsAreRefused(
      @ForAll byte[] header, @ForAll byte[] payload, @ForAll byte[] signature) {
    assertUnsigned(
        Signer.encode(header) + "." + Signer.encode(payload) + "." + Signer.encode(signature));
  }

  @Property(tries = 200)
  void anySignatureButTheRightOneIsRefused(
      @ForAll("json") String payload, @ForAll @Size(64) byte[] signature) {
    assertUnsigned(
        Signer.encode(HEADER) + "." + Signer.encode(payload) + "." + Signer.encode(signature));
  }

  @Provide
  Arbitrary<String> json() {
    Arbitrary<String> value =
        Arbitraries.of("1", "-1", "1e9", "\"i\"", "[\"a\",7]", "{}", "null", "true", "[[[[]]]]");
    Arbitrary<String> name = Arbitraries.of("iss", "aud", "exp", "nbf", "iat", "sub", "\\u0000");
    return net.jqwik.api.Combinators.combine(name, value)
        .as((n, v) -> "\"" + n + "\":" + v)
        .list()
        .ofMaxSize(6)
        .map(fields -> "{" + String.join(",", fields) + "}");
  }
}
