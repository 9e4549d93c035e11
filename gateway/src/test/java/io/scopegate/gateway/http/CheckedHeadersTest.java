package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.AsciiString;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CheckedHeadersTest {
  private final CheckedHeaders.Known known = new CheckedHeaders.Known(letIn());

  @Test
  void refusesABadNameHoweverOftenItComes() {
    AsciiString upper = new AsciiString("X-Upper");

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> new CheckedHeaders(known, null).add(upper, "value"))
          .isInstanceOf(Http2Exception.class);
    }
  }

  @Test
  void refusesABadValueOfANameThatIsKnown() {
    AsciiString name = new AsciiString("x-name");
    AsciiString bad = new AsciiString("one\r\nx-scope-orgid: two");
    new CheckedHeaders(known, null).add(name, "good").add(name, "good");

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> new CheckedHeaders(known, null).add(name, bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void refusesAGoodValueUnderAnotherNameThatIsBad() {
    AsciiString value = new AsciiString("value");
    new CheckedHeaders(known, null).add(new AsciiString("x-name"), value);

    assertThatThrownBy(() -> new CheckedHeaders(known, null).add(new AsciiString("x name"), value))
        .isInstanceOf(Exception.class);
  }

  @Test
  void refusesAPseudoHeaderThatComesTwiceInOneHead() {
    AsciiString path = new AsciiString(":path");

    for (int i = 0; i < 3; i++) {
      CheckedHeaders head = new CheckedHeaders(known, null);
      head.add(path, "/one");

      assertThatThrownBy(() -> head.add(path, "/two")).isInstanceOf(Http2Exception.class);
      assertThat(head.getAll(path)).hasSize(1);
    }
  }

  @Test
  void refusesAPseudoHeaderOfExtendedConnectThatWasNotOffered() {
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(
              () -> new CheckedHeaders(known, null).add(new AsciiString(":protocol"), "websocket"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** What is remembered is not looked at again, even when somebody changes it. */
  @Test
  void forgetsWhatAClientSendsBeyondWhatMayComeAgain() {
    AsciiString name = new AsciiString("x-small");
    byte[] text = "small".getBytes(StandardCharsets.US_ASCII);
    AsciiString value = new AsciiString(text, false);
    new CheckedHeaders(known, null).add(name, value).add(name, value);
    for (int i = 0; i < 64; i++) {
      new CheckedHeaders(known, null).add(new AsciiString("x-large-" + i), large(1_000));
    }

    text[0] = '\n';
    assertThatThrownBy(() -> new CheckedHeaders(known, null).add(name, value))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void neverKeepsAValueThatIsLargerThanAllThatMayComeAgain() {
    AsciiString name = new AsciiString("x-large");
    AsciiString value = large(CheckedHeaders.Known.MOST_CHARS + 1);
    new CheckedHeaders(known, null).add(name, value).add(name, value);

    value.array()[0] = '\n';
    assertThatThrownBy(() -> new CheckedHeaders(known, null).add(name, value))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static AsciiString large(int length) {
    byte[] text = new byte[length];
    Arrays.fill(text, (byte) 'x');
    return new AsciiString(text, false);
  }

  private static ConnectionStanding letIn() {
    ConnectionStanding standing = new ConnectionStanding(() -> {});
    standing.letIn();
    return standing;
  }

  /** Looks at it again instead: a text that somebody changed meanwhile is found out. */
  @Test
  void nothingIsRememberedForAClientThatWasNeverLetIn() {
    CheckedHeaders.Known nothing = new CheckedHeaders.Known(new ConnectionStanding(() -> {}));
    AsciiString name = new AsciiString("x-name");
    byte[] bytes = "good".getBytes(StandardCharsets.US_ASCII);
    AsciiString value = new AsciiString(bytes, false);
    new CheckedHeaders(nothing, null).add(name, value);
    Arrays.fill(bytes, (byte) '\n');

    assertThatThrownBy(() -> new CheckedHeaders(nothing, null).add(name, value))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** It is in the header table, so that to know it costs no memory. */
  @Test
  void ofAClientThatWasNeverLetInTheLastTokenIsKnown() {
    CheckedHeaders.Known little = new CheckedHeaders.Known(new ConnectionStanding(() -> {}));
    AsciiString name = new AsciiString("authorization");
    AsciiString token = large(1_000);
    new CheckedHeaders(little, null).add(name, token);
    token.array()[0] = '\n';

    assertThat(new CheckedHeaders(little, null).add(name, token).get(name)).isSameAs(token);
    assertThatThrownBy(() -> new CheckedHeaders(little, null).add(new AsciiString("x-a"), token))
        .isInstanceOf(IllegalArgumentException.class);
    new CheckedHeaders(little, null).add(name, large(500));
    assertThatThrownBy(() -> new CheckedHeaders(little, null).add(name, token))
        .as("another one came")
        .isInstanceOf(IllegalArgumentException.class);
  }
}
