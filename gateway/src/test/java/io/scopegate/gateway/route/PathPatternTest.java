package io.scopegate.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PathPatternTest {
  @ParameterizedTest
  @CsvSource({
    "/metrics, /metrics, true",
    "/metrics, /metrics/, false",
    "/api/v1/label/*/values, /api/v1/label/job/values, true",
    "/api/v1/label/*/values, /api/v1/label/name, false",
    "/api/v1/label/*/values, /api/v1/label/a/b/values, false",
    "/api/v1/*, /api/v1/labels, true",
    "/api/v1/*, /api/v1/label/job, false",
    "/api/v1/*, /api/v1/, true",
    "/*, /, true",
    "/a*b*c, /axxbyybc, true",
    "/a*b*c, /axxbyyb, false",
    "/?, /ä, true",
    "/?, /ab, false",
    "/[a-c]x, /bx, true",
    "/[^a-c]x, /bx, false",
    "/[^a-c]x, //x, false",
    "/[a\\-c]x, /-x, true",
    "/\\*, /*, true",
    "/\\*, /a, false"
  })
  void matchesAsGoDoes(String pattern, String path, boolean matches) {
    assertThat(PathPattern.parse(pattern).matches(path)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/[]a]", "/[a", "/[a-", "/[a-]", "/a\\", "/[", "", "/[^", "/[-a]"})
  void whatIsNoPatternIsRefused(String pattern) {
    assertThatThrownBy(() -> PathPattern.parse(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: ");
  }

  @Property(tries = 2_000)
  void anyTextIsEitherAPatternOrRefusedAndMatchingEnds(
      @ForAll @CharRange(from = '*', to = 'c') @StringLength(max = 30) String pattern,
      @ForAll @CharRange(from = '*', to = 'c') @StringLength(max = 60) String path) {
    try {
      PathPattern.parse(pattern).matches(path);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("(expected: ");
    }
  }
}
