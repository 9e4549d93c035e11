package io.scopegate.gateway.route;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.answer.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorityTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tempo",
        "tempo.example:3200",
        "Tempo-1_a.example.",
        "10.0.0.1:80",
        "[::1]:3200",
        "[fe80::1%25eth0]"
      })
  void takesNamesAndAddresses(String authority) {
    Http2Headers head = new DefaultHttp2Headers(false).authority(authority);
    assertThat(Authority.canonicalize(head)).isNull();
    assertThat(head.authority()).hasToString(authority);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b", "user@a", "a/b", "a?b", "a#b", "a,b", "a;b", "a\\b", "a\"", "a\0", "\u00e9", "a\nb"
      })
  void refusesWhatOthersMayReadDifferently(String authority) {
    Http2Headers head = new DefaultHttp2Headers(false).authority(authority);
    assertThat(requireNonNull(Authority.canonicalize(head)).reason())
        .isEqualTo(Refusal.Reason.MALFORMED);
  }

  @Test
  void takesEachOfTheseCharactersAndNoOther() {
    String taken = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:_~%[]";
    for (char c = 0; c < 256; c++) {
      Http2Headers head = new DefaultHttp2Headers(false).authority("a" + c);
      assertThat(Authority.canonicalize(head) == null)
          .as("character %d", (int) c)
          .isEqualTo(taken.indexOf(c) >= 0);
    }
  }

  @Test
  void takesAHostForTheAuthorityWhenThereIsNoOther() {
    Http2Headers head = new DefaultHttp2Headers(false).add("host", "a:1");
    assertThat(Authority.canonicalize(head)).isNull();
    assertThat(head.authority()).hasToString("a:1");
    assertThat(head.contains("host")).isFalse();
  }

  @Test
  void forwardsOneHostOnly() {
    Http2Headers same = new DefaultHttp2Headers(false).authority("a").add("host", "A");
    assertThat(Authority.canonicalize(same)).isNull();
    assertThat(same.contains("host")).isFalse();
    assertThat(
            Authority.canonicalize(new DefaultHttp2Headers(false).authority("a").add("host", "b")))
        .isNotNull();
    assertThat(
            Authority.canonicalize(
                new DefaultHttp2Headers(false).add("host", "a").add("host", "a")))
        .isNotNull();
  }
}
