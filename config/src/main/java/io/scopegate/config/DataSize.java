package io.scopegate.config;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, written like {@code 15MB} or {@code 1GiB}: {@code KB} is 1000 and {@code KiB}
 * is 1024 bytes, a plain number is bytes.
 *
 * @param bytes not negative
 */
@ScalarType(
    name = "size",
    expected = "a size such as 64KB, 15MB or 1GiB",
    pattern = "^[0-9]+(\\.[0-9]+)?(B|[KMGT]i?B)?$",
    number = true)
public record DataSize(long bytes) implements Comparable<DataSize> {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,19}(?:\\.\\d{1,9})?)(B|[KMGT]i?B)?");
  private static final String PREFIXES = "KMGT";

  /** Refuses a negative number. */
  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
    }
  }

  /** So many bytes. */
  public static DataSize ofBytes(long bytes) {
    return new DataSize(bytes);
  }

  /**
   * Reads a size.
   *
   * @throws IllegalArgumentException when the text is not a size, is not a whole number of bytes or
   *     is more than {@link Long#MAX_VALUE} bytes
   */
  public static DataSize parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("size: " + text + " (expected: such as 15MB or 1GiB)");
    }
    BigDecimal factor = BigDecimal.valueOf(factor(matcher.group(2)));
    try {
      return new DataSize(new BigDecimal(matcher.group(1)).multiply(factor).longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "size: " + text + " (expected: a whole number of bytes below 8EiB)", e);
    }
  }

  private static long factor(String unit) {
    if (unit == null || unit.equals("B")) {
      return 1;
    }
    int power = PREFIXES.indexOf(unit.charAt(0)) + 1;
    long base = unit.length() == 3 ? 1024 : 1000;
    long factor = 1;
    for (int i = 0; i < power; i++) {
      factor *= base;
    }
    return factor;
  }

  /** The shortest text that means the same number: {@code 16MB}, {@code 1GiB}, {@code 1025B}. */
  @Override
  public String toString() {
    if (bytes == 0) {
      return "0B";
    }
    String best = null;
    for (String unit : new String[] {"TB", "TiB", "GB", "GiB", "MB", "MiB", "KB", "KiB"}) {
      if (bytes % factor(unit) == 0) {
        String text = bytes / factor(unit) + unit;
        best = best == null || text.length() < best.length() ? text : best;
      }
    }
    return best == null ? bytes + "B" : best;
  }

  @Override
  public int compareTo(DataSize other) {
    return Long.compare(bytes, other.bytes);
  }
}
