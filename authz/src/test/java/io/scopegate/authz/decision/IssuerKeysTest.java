package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IssuerKeysTest {
  private static final Signer ONE = Signer.ec("one");
  private static final Signer OTHER = Signer.ec("other");

  private static Jws token(Signer signer) {
    try {
      return Jws.parse(signer.sign(new JsonObject().put("iss", "i")));
    } catch (TokenFlaw e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void setsAreTheSameWithTheSameKeysOfTheSameIssuerInAnyOrder() {
    IssuerKeys both = Signer.keys("i", ONE, OTHER);
    assertThat(both.size()).isEqualTo(2);
    assertThat(both.sameAs(Signer.keys("i", OTHER, ONE))).isTrue();
    assertThat(both.sameAs(Signer.keys("j", ONE, OTHER))).isFalse();
    assertThat(both.sameAs(Signer.keys("i", ONE))).isFalse();
    assertThat(both.sameAs(Signer.keys("i", ONE, ONE))).isFalse();
    assertThat(Signer.keys("i", ONE, ONE).sameAs(both)).isFalse();
    assertThat(both.sameAs(Signer.keys("i", ONE, Signer.ec("other")))).isFalse();
  }

  @Test
  void onlyAKeyOfTheNameAndTheKindMayHaveSigned() {
    IssuerKeys keys = Signer.keys("i", ONE);
    assertThat(keys.mayHaveSigned(token(ONE))).isTrue();
    assertThat(keys.mayHaveSigned(token(OTHER))).isFalse();
    assertThat(keys.mayHaveSigned(token(Signer.ed("one")))).isFalse();
    assertThat(keys.names(token(ONE))).isTrue();
    assertThat(keys.names(token(OTHER))).isFalse();
  }

  /** Anybody may name a key, and an issuer may have many of one name. */
  @Test
  void eightKeysOfOneNameAreTriedAndNoMore() {
    List<Signer> seven = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      seven.add(Signer.ec("one"));
    }
    List<Signer> eight = new ArrayList<>(seven);
    eight.add(ONE);
    List<Signer> nine = new ArrayList<>(seven);
    nine.add(Signer.ec("one"));
    nine.add(ONE);

    assertThat(Signer.keys("i", eight.toArray(Signer[]::new)).signed(token(ONE))).isTrue();
    assertThat(Signer.keys("i", nine.toArray(Signer[]::new)).signed(token(ONE))).isFalse();
  }
}
