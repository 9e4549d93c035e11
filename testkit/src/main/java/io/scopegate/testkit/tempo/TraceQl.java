package io.scopegate.testkit.tempo;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The corner of TraceQL that the stand-in understands: one span filter with conditions joined by
 * {@code &&}, and for metrics {@code rate()} or {@code count_over_time()} with an optional {@code
 * by}.
 *
 * @param filter which spans
 * @param function {@code rate}, {@code count_over_time} or empty
 * @param by the attribute that splits the series, or empty
 */
record TraceQl(Predicate<StoredSpan> filter, String function, String by) {
  private static final Pattern QUERY =
      Pattern.compile(
          "\\s*\\{(?<filter>.*?)}\\s*(?:\\|\\s*(?<function>rate|count_over_time)\\s*\\(\\s*\\)"
              + "\\s*(?:by\\s*\\(\\s*(?<by>[^)\\s]+)\\s*\\))?)?\\s*",
          Pattern.DOTALL);
  private static final Pattern CONDITION =
      Pattern.compile(
          "\\s*(?<name>[A-Za-z.][\\w./:-]*)\\s*(?<operator>=~|!=|=)\\s*"
              + "(?:\"(?<text>(?:[^\"\\\\]|\\\\.)*)\"|(?<bare>[\\w.-]+))\\s*");

  /**
   * Reads a query; empty is {@code {}}.
   *
   * @throws IllegalArgumentException when it is not of this corner
   */
  static TraceQl parse(String query) {
    if (query.isBlank()) {
      return new TraceQl(span -> true, "", "");
    }
    Matcher matcher = QUERY.matcher(query);
    if (!matcher.matches()) {
      throw unknown(query);
    }
    return new TraceQl(
        filter(matcher.group("filter")),
        Optional.ofNullable(matcher.group("function")).orElse(""),
        Optional.ofNullable(matcher.group("by")).orElse(""));
  }

  private static Predicate<StoredSpan> filter(String text) {
    if (text.isBlank() || text.strip().equals("true")) {
      return span -> true;
    }
    List<Predicate<StoredSpan>> conditions = new ArrayList<>();
    Matcher matcher = CONDITION.matcher(text);
    int position = 0;
    while (true) {
      matcher.region(position, text.length());
      if (!matcher.lookingAt()) {
        throw unknown(text);
      }
      conditions.add(condition(matcher));
      position = matcher.end();
      if (position == text.length()) {
        return span -> conditions.stream().allMatch(condition -> condition.test(span));
      }
      if (!text.startsWith("&&", position)) {
        throw unknown(text);
      }
      position += 2;
    }
  }

  private static Predicate<StoredSpan> condition(Matcher matcher) {
    String name = matcher.group("name");
    String quoted = matcher.group("text");
    String wanted = quoted == null ? matcher.group("bare") : quoted.replaceAll("\\\\(.)", "$1");
    return switch (matcher.group("operator")) {
      case "=" -> span -> span.attribute(name).filter(wanted::equals).isPresent();
      case "!=" -> span -> span.attribute(name).filter(v -> !wanted.equals(v)).isPresent();
      default -> {
        Pattern pattern = Pattern.compile(wanted);
        yield span -> span.attribute(name).filter(v -> pattern.matcher(v).matches()).isPresent();
      }
    };
  }

  private static IllegalArgumentException unknown(String query) {
    return new IllegalArgumentException("invalid TraceQL query: " + query);
  }
}
