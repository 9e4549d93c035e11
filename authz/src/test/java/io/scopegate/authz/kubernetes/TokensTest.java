package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.Fixtures;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokensTest {
  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\u0000b", "a\nb", "tök", "a\u007fb", "a\tb"})
  void findsWhatCannotBeAToken(String token) {
    assertThat(Tokens.flaw(token)).isNotNull().doesNotContain("a b");
  }

  @Test
  void takesVisibleAsciiUpTo16KiB() {
    assertThat(Tokens.flaw("!~.-_+/=aZ09")).isNull();
    assertThat(Tokens.flaw("x".repeat(16 * 1024))).isNull();
    assertThat(Tokens.flaw("x".repeat(16 * 1024 + 1))).isNotNull();
  }

  @Test
  void readsExpiryInSeconds() {
    assertThat(Tokens.expiryMillis(Fixtures.jwt("{\"exp\":1700000000}")))
        .isEqualTo(1_700_000_000_000L);
    assertThat(Tokens.expiryMillis(Fixtures.jwt("{\"exp\":1700000000.5}")))
        .isEqualTo(1_700_000_000_500L);
    assertThat(Tokens.expiryMillis(Fixtures.jwt("{\"exp\":1e400}"))).isEqualTo(Long.MAX_VALUE);
    assertThat(Tokens.expiryMillis(Fixtures.jwt("{\"exp\":-1}"))).isEqualTo(-1000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"opaque", "a.b", "a.b.c", "..", "a.W10.c", "a.eyJleHAiOiJzb29uIn0.c", "a.!!!.c"})
  void takesOtherTokensForOpaque(String token) {
    assertThat(Tokens.expiryMillis(token)).isEqualTo(Long.MAX_VALUE);
  }

  @Property(tries = 500)
  void neverFailsOnAnyToken(@ForAll String text, @ForAll String payload) {
    String flaw = Tokens.flaw(text);
    boolean visible = !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c <= '~');
    assertThat(flaw == null).isEqualTo(visible);
    // Only that these end: what is no number of seconds is no end.
    assertThat(Tokens.expiryMillis(text)).isEqualTo(Long.MAX_VALUE);
    Tokens.expiryMillis(Fixtures.jwt(payload));
  }
}
