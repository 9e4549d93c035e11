package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.scopegate.gateway.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RepeatedTextsTest {
  private static final int MOST = 20;

  private final RepeatedTexts texts = new RepeatedTexts();

  @Test
  void writesEveryTextAsIfItCameForTheFirstTime() {
    Random random = new Random(20261124);
    for (int i = 0; i < 20_000; i++) {
      String text = "text-\"" + random.nextInt(700) + (i % 3 == 0 ? "\u202e" : "-ü-".repeat(i % 9));

      assertThat(written(text)).isEqualTo(escaped(text));
      assertThat(written(new StringBuilder(text))).isEqualTo(escaped(text));
      AsciiString ascii = AsciiString.of("ascii\n" + random.nextInt(700));
      assertThat(written(ascii)).isEqualTo(escaped(ascii));
    }
  }

  @Test
  void tellsTextsOfOneHashApart() {
    assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
    for (int i = 0; i < 3; i++) {
      assertThat(written("Aa")).isEqualTo("\"Aa\"");
      assertThat(written("BB")).isEqualTo("\"BB\"");
    }
  }

  /** What is kept is not looked at again, even when somebody changes it. */
  @Test
  void keepsNoTextThatIsLongerThanWhatIsWrittenOfIt() {
    byte[] bytes = "x".repeat(MOST + 1).getBytes(StandardCharsets.US_ASCII);
    AsciiString text = new AsciiString(bytes, false);
    for (int i = 0; i < 3; i++) {
      assertThat(written(text)).startsWith("\"xxx");
    }

    bytes[0] = 'y';
    assertThat(written(text)).startsWith("\"yxx");
  }

  private String written(CharSequence text) {
    JsonBytes out = new JsonBytes(4).raw('x');
    texts.append(text, MOST, out);
    return new String(out.toByteArray(1), StandardCharsets.UTF_8);
  }

  private static String escaped(CharSequence text) {
    JsonBytes out = new JsonBytes(4).string(text, MOST);
    return new String(out.toByteArray(), StandardCharsets.UTF_8);
  }
}
