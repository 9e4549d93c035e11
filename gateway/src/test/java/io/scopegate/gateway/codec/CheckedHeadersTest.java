package io.scopegate.gateway.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;

class CheckedHeadersTest {
  private final CheckedHeaders.Known known = new CheckedHeaders.Known();

  @Test
  void refusesABadNameHoweverOftenItComes() {
    AsciiString upper = new AsciiString("X-Upper");

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> new CheckedHeaders(known).add(upper, "value"))
          .isInstanceOf(Http2Exception.class);
    }
  }

  @Test
  void refusesABadValueOfANameThatIsKnown() {
    AsciiString name = new AsciiString("x-name");
    AsciiString bad = new AsciiString("one\r\nx-scope-orgid: two");
    new CheckedHeaders(known).add(name, "good").add(name, "good");

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> new CheckedHeaders(known).add(name, bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void refusesAGoodValueUnderAnotherNameThatIsBad() {
    AsciiString value = new AsciiString("value");
    new CheckedHeaders(known).add(new AsciiString("x-name"), value);

    assertThatThrownBy(() -> new CheckedHeaders(known).add(new AsciiString("x name"), value))
        .isInstanceOf(Exception.class);
  }

  @Test
  void refusesAPseudoHeaderThatComesTwiceInOneHead() {
    AsciiString path = new AsciiString(":path");

    for (int i = 0; i < 3; i++) {
      CheckedHeaders head = new CheckedHeaders(known);
      head.add(path, "/one");

      assertThatThrownBy(() -> head.add(path, "/two")).isInstanceOf(Http2Exception.class);
      assertThat(head.getAll(path)).hasSize(1);
    }
  }
}
