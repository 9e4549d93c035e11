package io.scopegate.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What must hold for any text. */
class JsonTextTest {
  @Property(tries = 5_000, seed = "20261121")
  void anyTextIsReadBackAsItWas(@ForAll String text) {
    // a lone surrogate has no UTF-8
    String expected = new String(text.getBytes(StandardCharsets.UTF_16), StandardCharsets.UTF_16);

    JsonBytes json = new JsonBytes(1).string(text, text.length());

    assertThat(Json.decodeValue(read(json))).isEqualTo(expected);
  }

  @Property(tries = 2_000, seed = "20261121")
  void anyBytesAreReadBackAsLatin1(@ForAll byte[] bytes) {
    AsciiString text = new AsciiString(bytes, true);

    JsonBytes json = new JsonBytes(1).string(text.subSequence(bytes.length / 3), bytes.length);

    String expected = new String(bytes, StandardCharsets.ISO_8859_1).substring(bytes.length / 3);
    assertThat(Json.decodeValue(read(json))).isEqualTo(expected);
  }

  @Property(tries = 2_000, seed = "20261121")
  void wholeNumbersAreWrittenAsTheyAre(@ForAll long number) {
    assertThat(read(new JsonBytes(1).number(number))).isEqualTo(Long.toString(number));
  }

  private static String read(JsonBytes json) {
    return new String(json.toByteArray(), StandardCharsets.UTF_8);
  }
}
