package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.config.Sample.Colour;
import io.scopegate.config.Sample.Lamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigLoaderTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing", "---", "{}", "null", "\ufeff{}"})
  void nothingGivenIsEveryDefault(String yaml) {
    Sample sample = Sample.load(yaml).value();

    assertThat(sample).isEqualTo(ConfigLoader.defaults(Sample.class));
    assertThat(sample.name()).isEqualTo("nobody");
    assertThat(sample.big()).isEqualTo(-5_000_000_000L);
    assertThat(sample.time()).isEqualTo(Duration.ofMinutes(2));
    assertThat(sample.size()).isEqualTo(new DataSize(1_048_576));
    assertThat(sample.file()).isNull();
    assertThat(sample.colours()).containsExactly(Colour.DARK_BLUE);
    assertThat(sample.lampOf("hall")).isEqualTo(new Lamp(10, null));
  }

  @Test
  void everyTypeIsBound() {
    Sample sample =
        Sample.load(
                """
                name: 12
                count: 10
                big: 9223372036854775807
                ratio: 1e-3
                on: false
                colour: red
                time: 250ms
                size: 64KB
                file: /tmp/x
                password: hush
                address: 127.0.0.1:4317
                colours: [red, dark-blue]
                words: {b: x, a: "${no}{"}
                """
                    .replace("${no}", ""))
            .value();

    assertThat(sample.name()).isEqualTo("12");
    assertThat(sample.big()).isEqualTo(Long.MAX_VALUE);
    assertThat(sample.ratio()).isEqualTo(0.001);
    assertThat(sample.on()).isFalse();
    assertThat(sample.colour()).isEqualTo(Colour.RED);
    assertThat(sample.time()).isEqualTo(Duration.ofMillis(250));
    assertThat(sample.size().bytes()).isEqualTo(64_000);
    assertThat(sample.file()).isEqualTo(Path.of("/tmp/x"));
    assertThat(sample.password()).isEqualTo(Secret.parse("hush"));
    assertThat(sample.address()).isEqualTo(new HostPort("127.0.0.1", 4317));
    assertThat(sample.colours()).containsExactly(Colour.RED, Colour.DARK_BLUE);
    assertThat(sample.words()).containsExactly(Map.entry("b", "x"), Map.entry("a", "{"));
  }

  @Test
  void reportsEverythingInOneGoInTheOrderOfTheFile() {
    assertThat(
            Sample.problems(
                """
                nmae: x
                count: 11
                time: 2h
                size: 15MBit
                colour: bleu
                colours:
                  - red
                  - blue
                rooms:
                  attic: {door: nowhere, lmap: 1}
                  cellar: {}
                  "a.b": [1]
                on: yes
                count: 2
                """))
        .containsExactly(
            "f.yaml:1:1 nmae: unknown key (expected: name; one of name, count, big, ratio, on,"
                + " colour, time, size, file, password, address, colours, words, lamp, rooms,"
                + " static, later)",
            "f.yaml:2:8 count: 11 (expected: 1 to 10)",
            "f.yaml:3:7 time: 2h (expected: <= 1h)",
            "f.yaml:4:7 size: 15MBit (expected: a size such as 64KB, 15MB or 1GiB)",
            "f.yaml:5:9 colour: bleu (expected: one of dark-blue, red)",
            "f.yaml:8:5 colours[1]: blue (expected: one of dark-blue, red)",
            "f.yaml:10:17 rooms.attic.door: nowhere (expected: host:port, such as 0.0.0.0:4317 or"
                + " [::]:4317)",
            "f.yaml:10:26 rooms.attic.lmap: unknown key (expected: lamp; one of door, lamp)",
            "f.yaml:11:11 rooms.cellar.door: missing (expected: host:port, such as 0.0.0.0:4317"
                + " or [::]:4317)",
            "f.yaml:12:10 rooms[\"a.b\"]: a list of 1 (expected: a mapping)",
            "f.yaml:13:5 on: yes (expected: true or false)",
            "f.yaml:14:1 count: duplicate key (expected: once; the first is on line 2)");
  }

  @Test
  void anEnumValueThatIsNearlyRightIsSuggested() {
    assertThat(Sample.problems("colour: dark_blu"))
        .containsExactly(
            "f.yaml:1:9 colour: dark_blu (expected: dark-blue; one of dark-blue, red)");
  }

  @Test
  void whatIsNotBuiltYetSaysSo() {
    assertThat(Sample.problems("{static: [a], later: {b: c}}"))
        .containsExactly(
            "f.yaml:1:10 static: a list of 1 (expected: the default []; the pipe is not implemented"
                + " yet)",
            "f.yaml:1:22 later: a mapping (expected: the default null; whatever is not implemented"
                + " yet)");
    assertThat(Sample.problems("{static: [], later: null}")).isEmpty();
  }

  @Test
  void keysThatAreNotGivenComeFromWhereTheyAreInherited() {
    Sample sample =
        Sample.load(
                """
                lamp: {brightness: 7, bulb: led}
                rooms:
                  hall: {door: "a:1", lamp: {brightness: 1}}
                  attic: {door: "a:2"}
                """)
            .value();

    assertThat(sample.lampOf("hall")).isEqualTo(new Lamp(1, "led"));
    assertThat(sample.lampOf("attic")).isEqualTo(new Lamp(7, "led"));
  }

  @Test
  void anInheritedProblemIsReportedOnceWhereItStands() {
    assertThat(
            Sample.problems("lamp: {brightness: -1}\nrooms: {a: {door: 'a:1'}, b: {door: 'a:2'}}"))
        .containsExactly("f.yaml:1:20 lamp.brightness: -1 (expected: >= 0)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"name: null", "name:", "name: ~"})
  void nullIsRefusedWhereItMayNotStand(String yaml) {
    assertThat(Sample.load(yaml).problems())
        .singleElement()
        .hasToString(
            "f.yaml:1:" + (yaml.equals("name:") ? 6 : 7) + " name: null (expected: a text)");
  }

  @Test
  void aSectionWithoutContentHasItsDefaults() {
    assertThat(Sample.load("lamp:\n  # brightness: 3\n").value().lamp())
        .isEqualTo(new Lamp(10, null));
  }

  @Test
  void aSecretIsNeverInAMessage() {
    assertThat(Sample.problems("{password: '', passwrd: hush}").toString())
        .contains("password: ******** (expected")
        .contains("passwrd: unknown key")
        .doesNotContain("hush");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: [            | a value, and the ] or } that closes a list or mapping",
        "name: {            | a value, and the ] or } that closes a list or mapping",
        "name: [a           | ] after its last element",
        "a: b: c            | a line of its own, quotes around the value, or a space after the colon of the line above",
        "name: \"x          | the closing quote",
        "- a\\nb            | key: value",
        "a: *b              | &name before *name",
        "--- a\\n--- b      | one document only",
        "name:\\n\\tx       | spaces for indentation",
        "name: %x           | well-formed YAML",
      })
  void malformedYamlIsOneProblemWithAPlaceAndARemedy(String yaml, String expected) {
    String text = yaml.replace("\\n", "\n").replace("\\t", "\t");
    assertThat(Sample.load(text).problems())
        .singleElement()
        .satisfies(p -> assertThat(p.expected()).isEqualTo(expected))
        .satisfies(p -> assertThat(p.value()).doesNotContain("<", "(TAB)"));
  }

  @Test
  void keysThatBeginWithXAreForAnchors() {
    assertThat(Sample.problems("x-name: &n abc\nname: *n\n").toString()).doesNotContain("x-name");
    assertThat(Sample.problems("y-name: abc\n").toString()).contains("y-name: unknown key");
  }

  @Test
  void aDirectoryIsNoFile(@TempDir Path directory) {
    assertThat(new ConfigLoader<>(Sample.class, name -> null).load(directory).problems())
        .singleElement()
        .asString()
        .endsWith(":1:1: is a directory (expected: a readable YAML file)");
  }

  @Test
  void malformedYamlNamesItsLine() {
    assertThat(Sample.problems("name: x\ncount: [1\n").get(0)).startsWith("f.yaml:3:1: ");
  }

  @Test
  void bytesThatAreNotTextAreRefusedWithTheirPlace() {
    ConfigLoader<Sample> loader = new ConfigLoader<>(Sample.class, name -> null);

    assertThat(loader.parse("f", new byte[] {'a', '\n', 'b', (byte) 0xc3, '\n'}).problems())
        .singleElement()
        .hasToString("f:2:2: byte 0xC3 (expected: UTF-8)");
    assertThat(loader.parse("f", "name: a\nb: \u0007".getBytes(StandardCharsets.UTF_8)).problems())
        .singleElement()
        .hasToString("f:2:4: character U+0007 (expected: printable text)");
  }

  @Test
  void depthSizeAndAliasesAreBounded() {
    assertThat(Sample.problems("later: " + "[".repeat(100_000)).get(0))
        .contains("nested too deeply");
    assertThat(Sample.problems("#" + "x".repeat(ConfigLoader.MAX_BYTES)).get(0))
        .contains("too long");
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      String alias = "*a" + (i - 1) + " ";
      bomb.append("a%d: &a%d [%s]%n".formatted(i, i, (alias + ",").repeat(9)));
    }
    assertThat(Sample.problems(bomb.toString()).toString())
        .containsAnyOf("too many nodes", "aliases");
    assertThat(Sample.problems("later: &x [*x]").toString())
        .containsAnyOf("nested too deeply", "recursive");
  }

  @Test
  void anAliasStandsForWhatItNames() {
    Sample sample =
        Sample.load("lamp: &l {brightness: 4}\nrooms: {a: {door: 'a:1', lamp: *l}}").value();

    assertThat(sample.lampOf("a").brightness()).isEqualTo(4);
  }

  @Test
  void tagsAndListsAsKeysAreRefused() {
    assertThat(Sample.problems("name: !!java.net.URL x"))
        .singleElement()
        .asString()
        .contains("name: tag ")
        .contains("(expected: no tag)");
    assertThat(Sample.problems("? [a]\n: b"))
        .singleElement()
        .asString()
        .contains("a key that is a list or a mapping");
  }

  @Test
  void theRootHasToBeAMapping() {
    assertThat(Sample.problems("- a"))
        .containsExactly("f.yaml:1:1: a list of 1 (expected: a mapping)");
  }

  @Test
  void readsAFile(@TempDir Path directory) throws IOException {
    ConfigLoader<Sample> loader = new ConfigLoader<>(Sample.class, name -> null);
    Path file = Files.writeString(directory.resolve("a.yaml"), "count: 5\n");

    assertThat(loader.load(file).value().count()).isEqualTo(5);
    assertThat(loader.load(directory.resolve("b.yaml")).problems())
        .singleElement()
        .hasToString(directory.resolve("b.yaml") + ":1:1: no such file (expected: a YAML file)");
    assertThat(loader.load(directory).isValid()).isFalse();
  }

  @Test
  void valueRefusesWhenThereAreProblems() {
    Loaded<Sample> loaded = Sample.load("count: 0");

    assertThatThrownBy(loaded::value).isInstanceOf(IllegalStateException.class);
    assertThat(loaded.partial()).hasValueSatisfying(s -> assertThat(s.count()).isEqualTo(3));
  }

  @Test
  void aTypeThatNothingCanReadIsADefect() {
    record Odd(@Key(doc = "x") Thread thread) {}

    assertThatThrownBy(() -> ConfigLoader.defaults(Odd.class))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatARecordRefusesIsAProblem() {
    record Range(@Key(doc = "x", def = "1") int low, @Key(doc = "x", def = "2") int high) {
      Range {
        if (low > high) {
          throw new IllegalArgumentException("low <= high");
        }
      }
    }

    ConfigLoader<Range> loader = new ConfigLoader<>(Range.class, name -> null);

    assertThat(loader.parse("f", "low: 3".getBytes(StandardCharsets.UTF_8)).problems())
        .singleElement()
        .hasToString("f:1:1: a mapping that does not fit (expected: low <= high)");
  }

  @Test
  void manyProblemsDoNotTakeMuch() {
    assertThat(Sample.load("colours: [" + "x,".repeat(90_000) + "]").problems()).hasSize(500);
  }
}
