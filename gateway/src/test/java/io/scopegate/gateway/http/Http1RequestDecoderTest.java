package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Request lines that some readers take and others do not. */
class Http1RequestDecoderTest {
  private static final String REST = "\r\nHost: a\r\n\r\n";

  private final EmbeddedChannel channel = new EmbeddedChannel(new Http1RequestDecoder(32 << 10));

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1",
        "GET / HTTP/1.0",
        "\r\nGET / HTTP/1.1",
        "\r\n\r\nGET / HTTP/1.1",
        "GET  /  HTTP/1.1",
        "GET\t/\tHTTP/1.1",
        "M-SEARCH * HTTP/1.1"
      })
  void takesWhatTheStandardAllows(String line) {
    assertThat(decoded(line + REST)).containsExactly(true);
    assertThat(decoded("GET /next HTTP/1.1" + REST)).containsExactly(true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " GET / HTTP/1.1",
        "\tGET / HTTP/1.1",
        "\r\n GET / HTTP/1.1",
        "\0GET / HTTP/1.1",
        "GET /\r HTTP/1.1",
        "GET \r/ HTTP/1.1",
        "GET\013/ HTTP/1.1",
        "GET /\014HTTP/1.1",
        "GET /\013HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET / http/1.1",
        "GET / Http/1.1",
        "GET / HTTPS/1.1",
        "GET / 1.1",
        "GET /",
        "GET"
      })
  void takesNothingElseAndNothingThatFollows(String line) {
    assertThat(decoded(line + REST + "GET /next HTTP/1.1" + REST)).containsExactly(false);
    assertThat(decoded("GET /next HTTP/1.1" + REST)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {" GET / HTTP/1.1", "GET /\r HTTP/1.1", "GET / http/1.1"})
  void takesItNoMoreAfterAnotherRequest(String line) {
    assertThat(decoded("GET / HTTP/1.1" + REST + line + REST)).containsExactly(true, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\r\nPOST /a HTTP/1.1", "POST /a HTTP/1.1"})
  void takesAByteAfterTheOther(String line) {
    List<Boolean> all = new ArrayList<>();
    String body = "\r\nHost: a\r\nContent-Length: 3\r\n\r\n a ";
    for (byte b : (line + body + line + body).getBytes(StandardCharsets.ISO_8859_1)) {
      all.addAll(decoded(new String(new byte[] {b}, StandardCharsets.ISO_8859_1)));
    }
    assertThat(all).containsExactly(true, true);
  }

  /** Of each head that came out, whether it is a request. */
  private List<Boolean> decoded(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    List<Boolean> heads = new ArrayList<>();
    for (HttpObject next;
        (next = channel.readInbound()) != null;
        ReferenceCountUtil.release(next)) {
      if (next instanceof HttpRequest request) {
        heads.add(request.decoderResult().isSuccess());
      }
    }
    return heads;
  }
}
