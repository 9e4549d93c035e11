package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.nio.CharBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class TokenKeysTest {
  private final TokenKeys keys = new TokenKeys();

  @Test
  void sameTokenHasSameKeyWhateverHoldsIt() {
    AsciiString slice = AsciiString.of("Bearer abc.def.ghi").subSequence(7);
    assertThat(keys.of(slice)).isEqualTo(keys.of("abc.def.ghi"));
    assertThat(keys.of("abc.def.ghi")).isEqualTo(keys.of(CharBuffer.wrap("abc.def.ghi")));
  }

  @Test
  void differentTokensHaveDifferentKeys() {
    Set<TokenKeys.TokenKey> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      seen.add(keys.of("token-" + i));
    }
    assertThat(seen).hasSize(10_000);
  }

  @Test
  void charactersOutsideAsciiAreNotFoldedOntoAscii() {
    assertThat(keys.of("abc\u0164")).isNotEqualTo(keys.of("abcd"));
  }

  @Test
  void keysOfTwoProcessesDiffer() {
    assertThat(new TokenKeys().of("token")).isNotEqualTo(keys.of("token"));
  }
}
