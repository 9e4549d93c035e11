package io.scopegate.gateway.meter;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Points and lengths of time as Tempo's query parameters have them, in nanoseconds. What lies
 * before 1970 is taken for its beginning, what is too large for the largest.
 */
final class QueryTime {
  /** What stands for text that means no time. */
  static final long INVALID = -2;

  private static final long SECOND = 1_000_000_000;

  /** Longer text is no time. */
  private static final int LONGEST = 64;

  /** Up to so many characters are seconds, more are nanoseconds. */
  private static final int LONGEST_SECONDS = 10;

  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,40}");
  private static final Pattern FRACTION =
      Pattern.compile("[+-]?(?:[0-9]+\\.[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?");
  private static final Pattern RFC_3339 =
      Pattern.compile(
          "([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,20}))?"
              + "(?:Z|([+-])([0-9]{2}):([0-9]{2}))");

  /** In the order in which Prometheus wants them. */
  private static final Pattern DURATION =
      Pattern.compile(
          "(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?"
              + "(?:([0-9]+)s)?(?:([0-9]+)ms)?");

  private static final long[] UNITS = {
    365 * 86_400 * SECOND,
    7 * 86_400 * SECOND,
    86_400 * SECOND,
    3_600 * SECOND,
    60 * SECOND,
    SECOND,
    SECOND / 1_000
  };

  private QueryTime() {}

  /**
   * The earliest time that a start may mean: seconds, whole or not, nanoseconds, or RFC 3339.
   * Tempo's endpoints read whole numbers in different ways.
   */
  static long start(@Nullable String text) {
    return timestamp(text, true);
  }

  /** The latest time that an end may mean. */
  static long end(@Nullable String text) {
    return timestamp(text, false);
  }

  private static long timestamp(@Nullable String text, boolean earliest) {
    if (text == null || text.isEmpty()) {
      return QueryRange.ABSENT;
    }
    if (text.length() > LONGEST) {
      return INVALID;
    }
    if (WHOLE.matcher(text).matches()) {
      return whole(text, earliest);
    }
    if (FRACTION.matcher(text).matches()) {
      return seconds(Double.parseDouble(text));
    }
    Matcher date = RFC_3339.matcher(text);
    return date.matches() ? instant(date) : INVALID;
  }

  /**
   * The metrics endpoints take up to ten characters for seconds and more for nanoseconds, sign and
   * leading zeros included; those of search take any number for seconds that fits into 32 bits, and
   * some of their versions let negative ones wrap around.
   */
  private static long whole(String text, boolean earliest) {
    boolean isSigned = text.charAt(0) == '-' || text.charAt(0) == '+';
    boolean isNegative = text.charAt(0) == '-';
    long value = number(isSigned ? text.substring(1) : text);
    long ofMetrics =
        isNegative ? 0 : text.length() <= LONGEST_SECONDS ? times(value, SECOND) : value;
    long limit = isNegative ? 1L << 31 : (1L << 32) - 1;
    if (value > limit) {
      return ofMetrics;
    }
    long ofSearch = times(isNegative && value > 0 ? (1L << 32) - value : value, SECOND);
    return earliest ? Math.min(ofMetrics, ofSearch) : Math.max(ofMetrics, ofSearch);
  }

  private static long seconds(double seconds) {
    return seconds <= 0 ? 0 : (long) (seconds * SECOND); // saturates
  }

  private static long instant(Matcher date) {
    int year = part(date, 1);
    int month = part(date, 2);
    int day = part(date, 3);
    boolean isDay =
        month >= 1 && month <= 12 && day >= 1 && day <= YearMonth.of(year, month).lengthOfMonth();
    boolean isTime = part(date, 4) < 24 && part(date, 5) < 60 && part(date, 6) < 60;
    if (!isDay || !isTime) {
      return INVALID;
    }
    long seconds = LocalDate.of(year, month, day).toEpochDay() * 86_400;
    seconds += part(date, 4) * 3_600L + part(date, 5) * 60L + part(date, 6) - offset(date);
    return seconds < 0 ? 0 : times(seconds, SECOND);
  }

  private static long offset(Matcher date) {
    String sign = date.group(8);
    if (sign == null) {
      return 0;
    }
    long seconds = part(date, 9) * 3_600L + part(date, 10) * 60L;
    return sign.equals("-") ? -seconds : seconds;
  }

  private static int part(Matcher date, int group) {
    return (int) number(date.group(group));
  }

  /** A duration of Prometheus, such as {@code 1d12h}, or {@code 0}. */
  static long duration(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return QueryRange.ABSENT;
    }
    if (text.equals("0")) {
      return 0;
    }
    Matcher parts = DURATION.matcher(text);
    if (text.length() > LONGEST || !parts.matches()) {
      return INVALID;
    }
    long sum = 0;
    for (int i = 0; i < UNITS.length; i++) {
      String count = parts.group(i + 1);
      if (count != null) {
        long more = times(number(count), UNITS[i]);
        sum = sum > Long.MAX_VALUE - more ? Long.MAX_VALUE : sum + more;
      }
    }
    return sum;
  }

  private static long number(String digits) {
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (value > (Long.MAX_VALUE - digit) / 10) {
        return Long.MAX_VALUE;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** The product of what is not negative, or the largest number. */
  static long times(long value, long unit) {
    return value > Long.MAX_VALUE / unit ? Long.MAX_VALUE : value * unit;
  }
}
