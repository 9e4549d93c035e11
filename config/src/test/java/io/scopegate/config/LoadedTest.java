package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LoadedTest {
  private static final String YAML =
      """
      lamp: {brightness: 7}
      rooms:
        hall: {door: "a:1", lamp: {bulb: led}}
        attic: {door: "a:2"}
      colours:
        - red
      """;

  @Test
  void furtherProblemsCarryThePlaceOfTheirKey() {
    Loaded<Sample> loaded = Sample.load(YAML);

    loaded.problem(KeyPath.of("rooms", "hall", "lamp", "bulb"), "led", "a candle");
    loaded.problem(KeyPath.of("colours").index(0), "red", "blue");

    assertThat(loaded.isValid()).isFalse();
    assertThat(loaded.problems())
        .extracting(Problem::toString)
        .containsExactly(
            "f.yaml:3:36 rooms.hall.lamp.bulb: led (expected: a candle)",
            "f.yaml:6:5 colours[0]: red (expected: blue)");
  }

  @Test
  void aKeyThatIsNotGivenHasThePlaceOfTheNearestAboveIt() {
    Loaded<Sample> loaded = Sample.load(YAML);

    loaded.problem(KeyPath.of("rooms", "attic", "lamp", "bulb"), "null", "a bulb");
    loaded.problem(KeyPath.of("count"), 3, "4");

    assertThat(loaded.problems())
        .extracting(Problem::toString)
        .containsExactly(
            "f.yaml:1:1 count: 3 (expected: 4)", "f.yaml:1:7 lamp.bulb: null (expected: a bulb)");
  }

  @Test
  void anInheritedKeyIsReportedOnceWhereItStands() {
    Loaded<Sample> loaded = Sample.load(YAML);

    loaded.problem(KeyPath.of("rooms", "attic", "lamp", "brightness"), 7, "less");
    loaded.problem(KeyPath.of("rooms", "hall", "lamp", "brightness"), 7, "less");

    assertThat(loaded.problems())
        .singleElement()
        .hasToString("f.yaml:1:20 lamp.brightness: 7 (expected: less)");
  }

  @Test
  void nothingIsAddedToWhatIsKnownToBeWrong() {
    Loaded<Sample> loaded = Sample.load("lamp: {brightness: -1}");

    loaded.problem(KeyPath.of("lamp", "brightness"), 10, "less");
    loaded.problem(KeyPath.of("lamp"), "a mapping", "another");

    assertThat(loaded.problems()).hasSize(1);
  }

  @Test
  void tellsWhatIsGiven() {
    Loaded<Sample> loaded = Sample.load(YAML);

    assertThat(loaded.isGiven(KeyPath.of("lamp", "brightness"))).isTrue();
    assertThat(loaded.isGiven(KeyPath.of("lamp", "bulb"))).isFalse();
    assertThat(loaded.isGiven(KeyPath.of("colours").index(1))).isFalse();
    assertThat(loaded.position(KeyPath.of("lamp"))).isEqualTo(new Position(1, 7));
  }

  @Test
  void pathsQuoteWhatIsNotPlain() {
    assertThat(KeyPath.of("limits", "tenants", "a.b\"").key("x").index(2))
        .hasToString("limits.tenants[\"a.b\\\"\"].x[2]");
  }
}
