package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SubstitutionTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of("A", "alpha", "EMPTY", "", "N", "7", "YAML", "{x: 1}\n- y", "REF", "${A}");

  @ParameterizedTest
  @CsvSource(
      delimiter = '=',
      value = {
        "${A}=alpha",
        "a ${A} and ${A}=a alpha and alpha",
        "${NOT:-other}=other",
        "${EMPTY:-other}=other",
        "x${NOT:-}=x",
        "x${EMPTY}y=xy",
        "$${A}=${A}",
        "$$${A}=$${A}",
        "$A=$A",
        "${REF}=${A}",
        "${NOT:-$A:-b}=$A:-b",
      })
  void fillsIn(String text, String expected) {
    assertThat(Sample.load("name: '" + text + "'", ENVIRONMENT).value().name()).isEqualTo(expected);
  }

  @Test
  void valuesNeverChangeTheStructure() {
    Sample sample = Sample.load("name: ${YAML}", ENVIRONMENT).value();

    assertThat(sample.name()).isEqualTo("{x: 1}\n- y");
  }

  @Test
  void fillsInEveryType() {
    assertThat(Sample.load("{count: '${N}'}", ENVIRONMENT).value().count()).isEqualTo(7);
    assertThat(Sample.load("colours: ['${C:-red}']").value().colours())
        .containsExactly(Sample.Colour.RED);
  }

  @Test
  void aVariableThatIsEmptyIsNullWhereNullMayStand() {
    assertThat(Sample.load("file: ${NOT:-}").value().file()).isNull();
    assertThat(Sample.load("file: ''").problems()).hasSize(1);
  }

  @Test
  void aMissingVariableIsAProblemAtItsScalar() {
    assertThat(Sample.problems("count: ${COUNT}\nname: ${NAME}"))
        .containsExactly(
            "f.yaml:1:8 count: ${COUNT} (expected: the environment variable COUNT to be set)",
            "f.yaml:2:7 name: ${NAME} (expected: the environment variable NAME to be set)");
  }

  @Test
  void aValueThatDoesNotFitIsReportedAtItsScalar() {
    assertThat(Sample.load("on: true\ncount: ${A}", ENVIRONMENT).problems())
        .singleElement()
        .hasToString("f.yaml:2:8 count: ${A} (expected: a whole number)");
  }

  @Test
  void aProblemNamesTheVariableAndNotItsValue() {
    var loaded = Sample.load("name: x-${A}", ENVIRONMENT);

    loaded.problem(KeyPath.of("name"), "x-alpha", "another");

    assertThat(loaded.problems())
        .singleElement()
        .hasToString("f.yaml:1:7 name: x-${A} (expected: another)");
  }

  @ParameterizedTest
  @CsvSource({
    "http://user:secret@host, http://********@host",
    "http://secret@host, http://********@host",
    "http://user:se/c@ret@host/x, http://********@host/x",
    "user:secret@host:1, ********@host:1",
    "a@b, a@b"
  })
  void aProblemHasNoPasswordOfAUrl(String url, String shown) {
    assertThat(Sample.problems("count: '" + url + "'"))
        .containsExactly("f.yaml:1:8 count: " + shown + " (expected: a whole number)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"${", "${}", "${1A}", "${A", "${A-b}", "${A:b}"})
  void malformedReferencesAreProblems(String text) {
    assertThat(Sample.load("name: '" + text + "'", ENVIRONMENT).problems())
        .singleElement()
        .asString()
        .contains("(expected: ${NAME} or ${NAME:-default}; $${ stands for a plain ${)");
  }

  @Test
  void keysAreNotFilledIn() {
    assertThat(Sample.load("words: {'${A}': b}", ENVIRONMENT).problems())
        .singleElement()
        .asString()
        .contains("${ in a key");
  }

  @Test
  void aVariableWithoutQuotesInAFlowMappingIsExplained() {
    assertThat(Sample.problems("words: {\ud83d\ude00: 1, a: ${A}}"))
        .singleElement()
        .asString()
        .startsWith("f.yaml:1:19: ")
        .endsWith("(expected: quotes around ${…} between { } or [ ])");
  }
}
