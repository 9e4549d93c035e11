package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CredentialsTest {
  private final Credentials credentials = new Credentials(true);

  private static String basic(String pair) {
    return "Basic "
        + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Bearer abc.D-e_f~+/==", "bearer abc.D-e_f~+/==", "BEARER   abc.D-e_f~+/=="})
  void readsABearerToken(String value) {
    assertThat(credentials.read(value).token()).hasToString("abc.D-e_f~+/==");
    assertThat(credentials.read(AsciiString.of(value)).token()).hasToString("abc.D-e_f~+/==");
  }

  @Test
  void takesThePasswordOfBasicForTheToken() {
    assertThat(credentials.read(basic("grafana:abc.def")).token()).hasToString("abc.def");
    assertThat(credentials.read(basic(":abc")).token()).hasToString("abc");
    assertThat(credentials.read(basic("a:b:c")).token()).hasToString("b:c");
    assertThat(credentials.read(basic("grafana")).token()).isNull();
    assertThat(credentials.read(basic("grafana:")).token()).isNull();
    assertThat(credentials.read(basic("grafana:t\u00f6k")).token()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer a ",
        "Bearer\tabc",
        " Bearer abc",
        "Bearer =",
        "Bearer a=b",
        "Bearer a,Bearer b",
        "Bearer a\u0000b",
        "Bearer t\u00f6k",
        "Bearerabc def",
        "Basic ====",
        "Basic Z3I6dA",
        "Basic Z3I6dA==x",
        "Basic Z3I 6dA==",
        "Digest abc",
        "abc.def.ghi"
      })
  void refusesAnythingElseWithoutQuotingIt(String value) {
    Credentials.Found found = credentials.read(value);
    assertThat(found.token()).isNull();
    assertThat(found.refusal().reason()).isEqualTo(Reason.UNAUTHENTICATED);
    assertThat(found.refusal().detail())
        .contains("authorization: Bearer TOKEN")
        .doesNotContain("def");
  }

  @Test
  void saysHowToSendATokenWhenThereIsNone() {
    assertThat(credentials.read(null).refusal().detail())
        .contains("no authorization header")
        .contains("Basic");
    assertThat(credentials.several().refusal().detail()).contains("several");
  }

  @ParameterizedTest
  @CsvSource({
    "'', an empty authorization header",
    "Bearer, without a token",
    "basic, without a token",
    "eyJhbGciOiJSUzI1NiJ9.e30.c2ln, without a scheme",
    "token, without a scheme",
    "Digest a, of another scheme"
  })
  void saysWhatAnIncompleteHeaderLacks(String value, String lacks) {
    assertThat(credentials.read(value).refusal().detail()).contains(lacks).doesNotContain("eyJ");
  }

  @Test
  void takesNoBasicWhenItIsSwitchedOff() {
    Credentials.Found found = new Credentials(false).read(basic("grafana:abc"));
    assertThat(found.token()).isNull();
    assertThat(found.refusal().detail()).doesNotContain("Basic");
  }

  @Test
  void showsNoToken() {
    assertThat(credentials.read("Bearer abc.def").toString()).doesNotContain("abc");
  }

  @Property(tries = 1000)
  void anyValueIsEitherATokenOrRefused(@ForAll String rest) {
    Credentials.Found found = credentials.read("Bearer " + rest);
    // Blanks between the scheme and the token do not matter.
    String bare = rest.replaceFirst("^ +", "");
    if (bare.matches("[A-Za-z0-9._~+/:-]+=*")) {
      assertThat(found.token()).hasToString(bare);
      assertThat(found.refusal()).isNull();
    } else {
      assertThat(found.token()).isNull();
      assertThat(found.refusal()).isNotNull();
    }
  }

  @Test
  void takesTheFirstAndLastOfLettersAndDigitsAndNotTheirNeighbours() {
    assertThat(credentials.read("Bearer azAZ09-._~+/:==").token()).hasToString("azAZ09-._~+/:==");
    for (char next : "`{@[;,".toCharArray()) {
      assertThat(credentials.read("Bearer a" + next).token()).as("" + next).isNull();
    }
    assertThat(credentials.read("Bearer    ").refusal().detail()).contains("a malformed token");
  }
}
