package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class YamlFileTest {
  @TempDir private Path directory;

  private YamlFile load(String yaml) throws IOException {
    return YamlFile.load(Files.writeString(directory.resolve("other.yaml"), yaml));
  }

  private static YamlValue at(YamlFile file, String key) {
    return file.root().fields().get(key);
  }

  @Test
  void givesTextsListsAndMappingsInTheirOrder() throws IOException {
    YamlFile file = load("b: [p, q]\na: {k: v}\nn: null\n");

    assertThat(file.root().fields()).containsOnlyKeys("b", "a", "n");
    assertThat(file.root().fields().keySet()).startsWith("b");
    assertThat(at(file, "b").items()).extracting(v -> v.text().orElseThrow()).contains("p", "q");
    assertThat(at(file, "a").fields().get("k").text()).contains("v");
    assertThat(at(file, "n").isNull()).isTrue();
    assertThat(at(file, "n").text()).isEmpty();
    assertThat(at(file, "n").items()).isEmpty();
    assertThat(at(file, "n").fields()).isEmpty();
    assertThat(file.problems()).isEmpty();
  }

  @Test
  void takesWhatLooksLikeAVariableAsText() throws IOException {
    YamlFile file = load("secret: \"a${HOME}b\"\n\"${k}\": v\n");

    assertThat(at(file, "secret").text()).contains("a${HOME}b");
    assertThat(at(file, "${k}").text()).contains("v");
    assertThat(file.problems()).isEmpty();
  }

  @Test
  void saysWhereSomethingElseStands() throws IOException {
    YamlFile file = load("a: text\nb: [1]\nc:\n  d: {}\n");
    at(file, "a").items();
    at(file, "b").fields();
    at(file, "c").fields().get("d").text();

    String name = directory.resolve("other.yaml").toString();
    assertThat(file.problems())
        .extracting(Problem::toString)
        .containsExactly(
            name + ":1:4 a: text (expected: a list)",
            name + ":2:4 b: a list of 1 (expected: a mapping)",
            name + ":4:6 c.d: {} (expected: a text)");
    assertThat(at(file, "c").fields().get("d").place()).isEqualTo("other.yaml:4:6 c.d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "On", "n", "true", "0123", "1_000", "0x1F", "1e3", "1.50", "+1"})
  void wantsQuotesAroundWhatReadersDisagreeAbout(String bare) throws IOException {
    YamlFile file = load("id: " + bare + "\n");

    assertThat(at(file, "id").text()).isEmpty();
    assertThat(file.problems()).extracting(Problem::expected).allMatch(e -> e.startsWith("quotes"));
    assertThat(at(load("id: \"" + bare + "\"\n"), "id").text()).contains(bare);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "17", "1610b0c3-c509-4592-a256-a1871353dbfa", "1.2.3", "12e", "a1", "-", "_"})
  void takesWhatEverybodyReadsAlikeWithoutQuotes(String bare) throws IOException {
    YamlFile file = load("id: " + (bare.equals("-") ? "\"-\"" : bare) + "\n");

    assertThat(at(file, "id").text()).contains(bare);
  }

  @Test
  void aLongNumberCostsNoTime() throws IOException {
    YamlFile file = load("id: " + "1".repeat(500_000) + "\n");

    assertThat(at(file, "id").text()).isEmpty();
  }

  @Test
  void aFileThatCannotBeReadIsAProblemAndEmpty() {
    YamlFile file = YamlFile.load(directory.resolve("none"));

    assertThat(file.root().fields()).isEmpty();
    assertThat(file.problems()).extracting(Problem::value).containsExactly("no such file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1, 2]", "a: [", "a: 1\na: 2", "a: !!binary x", "text"})
  void whatIsNoMappingIsAProblem(String yaml) throws IOException {
    assertThat(load(yaml).problems()).isNotEmpty();
  }

  @Test
  void anEmptyFileIsAnEmptyMapping() throws IOException {
    assertThat(load("# nothing\n").root().fields()).isEmpty();
    assertThat(load("").problems()).isEmpty();
  }
}
