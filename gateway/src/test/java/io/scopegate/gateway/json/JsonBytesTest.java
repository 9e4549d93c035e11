package io.scopegate.gateway.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonBytesTest {
  @Test
  void escapesWhatATerminalWouldActOn() {
    String hostile = "\u001b[2J\u007f\u009b\u2028\u202e\u2066\r\n\t\0";

    assertThat(read(new JsonBytes(8).string(hostile, 100)))
        .isEqualTo("\"\\u001b[2J\\u007f\\u009b\\u2028\\u202e\\u2066\\r\\n\\t\\u0000\"");
  }

  @Test
  void cutsWhatIsTooLong() {
    assertThat(read(new JsonBytes(8).string("abcdef", 3))).isEqualTo("\"abc…\"");
    assertThat(read(new JsonBytes(8).string("abc", 3))).isEqualTo("\"abc\"");
  }

  @Test
  void writesNumbersOfAllSizes() {
    assertThat(read(new JsonBytes(1).number(Long.MIN_VALUE))).isEqualTo("-9223372036854775808");
    assertThat(read(new JsonBytes(1).number(Long.MAX_VALUE))).isEqualTo("9223372036854775807");
    assertThat(read(new JsonBytes(1).number(0))).isEqualTo("0");
    assertThat(read(new JsonBytes(1).millis(1_234_567_899L))).isEqualTo("1234.567");
    assertThat(read(new JsonBytes(1).millis(999))).isEqualTo("0.000");
    assertThat(read(new JsonBytes(1).millis(-5))).isEqualTo("0.000");
    assertThat(read(new JsonBytes(1).digits(7, 3))).isEqualTo("007");
  }

  @Test
  void isReusable() {
    JsonBytes json = new JsonBytes(1).string("first", 10);

    json.clear();
    json.raw('x');

    assertThat(read(json)).isEqualTo("x");
    assertThat(json.length()).isEqualTo(1);
  }

  private static String read(JsonBytes json) {
    return new String(json.toByteArray(), StandardCharsets.UTF_8);
  }
}
