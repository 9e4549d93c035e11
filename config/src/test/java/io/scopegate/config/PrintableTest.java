package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
  @ParameterizedTest
  @ValueSource(
      chars = {
        '\u0000', '\n', '\u001b', '\u001f', '\u007f', '\u0085', '\u00ad', '\u200e', '\u2028',
        '\u2029', '\u202e', '\u2066', '\ud800', '\ufeff', '\uffff'
      })
  void doesNotShowWhatDoesSomethingElse(char c) {
    assertThat(Printable.shows(c)).isFalse();
    assertThat(Printable.escaped("a" + c)).isEqualTo(String.format("a\\u%04x", (int) c));
    assertThat(Printable.onOneLine("a" + c + "b")).isEqualTo("a b");
  }

  @Test
  void leavesTextAsItIs() {
    String text = "a b~ \u00e9 \u4f60 \ud83d\ude00";
    assertThat(Printable.escaped(text)).isEqualTo(text);
    assertThat(Printable.onOneLine(text)).isEqualTo(text);
  }

  @Test
  void halvesOfCharactersAreNoCharacters() {
    assertThat(Printable.escaped("\ude00\ud83d")).isEqualTo("\\ude00\\ud83d");
    assertThat(Printable.escaped("\udb40\udc41")).as("a tag").isEqualTo("\\udb40\\udc41");
  }

  @Test
  void quotesInAsciiWhatMayBeOfAnybody() {
    assertThat(Printable.quotedAscii("a\"\u00e9\n~", 5)).isEqualTo("\"a???~\"");
    assertThat(Printable.quotedAscii("abcd", 3)).isEqualTo("\"abc...\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"no", "ON", "null", "~", "1", "1.5", "1e3", "0x1f", ".inf", "", "a: b", "-"})
  void quotesInYamlWhatSomeReaderTakesForSomethingElse(String text) {
    assertThat(YamlText.of(text)).isEqualTo('"' + text + '"');
  }

  @ParameterizedTest
  @ValueSource(strings = {"tempo", "a/b.c", "10s", "1MiB", "0.0.0.0", "dark-blue", "nobody"})
  void leavesOtherTextsBareInYaml(String text) {
    assertThat(YamlText.of(text)).isEqualTo(text);
  }
}
