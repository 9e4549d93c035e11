package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import org.junit.jupiter.api.Test;

class HeaderValueTest {
  @Test
  void showsVisibleAsciiAndNothingElse() {
    assertThat(HeaderValue.shown("a ~!\"\u001f\u007f\u00e9\n")).isEqualTo("\"a ~!?????\"");
  }

  @Test
  void shows64CharactersAndThatThereAreMore() {
    assertThat(HeaderValue.shown("x".repeat(64))).isEqualTo('"' + "x".repeat(64) + '"');
    assertThat(HeaderValue.shown("x".repeat(65))).isEqualTo('"' + "x".repeat(64) + "...\"");
  }

  @Test
  void equalValuesAreOneValue() {
    DefaultHttp2Headers head = new DefaultHttp2Headers();
    assertThat(HeaderValue.differs(head, "a")).isFalse();
    head.add("a", "1").add("a", "1");
    assertThat(HeaderValue.differs(head, "a")).isFalse();
    head.add("a", "2");
    assertThat(HeaderValue.differs(head, "a")).isTrue();
  }
}
