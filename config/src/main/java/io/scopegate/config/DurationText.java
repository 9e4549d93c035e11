package io.scopegate.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as they are written in a file: a whole number and a unit, {@code 250ms} to {@code 7d}.
 */
public final class DurationText {
  static final String EXPECTED = "a duration such as 250ms, 30s, 5m, 1h or 7d";
  static final String PATTERN = "^[0-9]+(ms|s|m|h|d)$";

  private static final Pattern TEXT = Pattern.compile("([0-9]{1,19})(ms|s|m|h|d)");
  private static final Map<String, Long> UNITS = new LinkedHashMap<>();

  static {
    UNITS.put("d", 86_400_000L);
    UNITS.put("h", 3_600_000L);
    UNITS.put("m", 60_000L);
    UNITS.put("s", 1_000L);
    UNITS.put("ms", 1L);
  }

  /** A century: longer is a mistake, and nanoseconds of it still fit a long. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private DurationText() {}

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException when the text is something else
   */
  public static Duration parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("duration: " + text + " (expected: " + EXPECTED + ")");
    }
    try {
      long millis =
          Math.multiplyExact(
              Long.parseLong(matcher.group(1)),
              Objects.requireNonNull(UNITS.get(matcher.group(2))));
      Duration duration = Duration.ofMillis(millis);
      if (duration.compareTo(LONGEST) <= 0) {
        return duration;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("duration: " + text + " (expected: at most 36500d)", e);
    }
    throw new IllegalArgumentException("duration: " + text + " (expected: at most 36500d)");
  }

  /** In the largest unit that is exact. */
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0s";
    }
    for (Map.Entry<String, Long> unit : UNITS.entrySet()) {
      if (millis % unit.getValue() == 0) {
        return millis / unit.getValue() + unit.getKey();
      }
    }
    throw new AssertionError(millis);
  }
}
