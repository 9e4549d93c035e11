package io.scopegate.config;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills references to variables in one scalar from the environment: a name in braces behind a
 * dollar, with a default behind {@code :-}. As in a shell the default also stands in for an empty
 * variable. Two dollars before a brace are one, and no reference. What was filled in is not looked
 * at again.
 */
final class Substitution {
  private static final Pattern TOKEN =
      Pattern.compile("\\$\\$\\{|\\$\\{(?:([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\\})?");

  private final Function<String, @Nullable String> environment;

  Substitution(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  /** Whether there is anything to fill in or to unescape. */
  static boolean concerns(String raw) {
    return raw.contains("${");
  }

  /**
   * The text with everything filled in.
   *
   * @throws Unfillable for a variable that is not set and for a malformed reference
   */
  String apply(String raw) {
    Matcher matcher = TOKEN.matcher(raw);
    StringBuilder out = new StringBuilder(raw.length());
    int from = 0;
    while (matcher.find()) {
      out.append(raw, from, matcher.start()).append(replacement(matcher, raw));
      from = matcher.end();
    }
    return out.append(raw, from, raw.length()).toString();
  }

  private String replacement(Matcher matcher, String raw) {
    if (matcher.group().equals("$${")) {
      return "${";
    }
    String name = matcher.group(1);
    if (name == null) {
      throw new Unfillable(
          Text.shown(raw), "${NAME} or ${NAME:-default}; $${ stands for a plain ${");
    }
    String value = environment.apply(name);
    if (matcher.group(2) != null && (value == null || value.isEmpty())) {
      return matcher.group(3);
    }
    if (value == null) {
      throw new Unfillable(
          Text.shown(matcher.group()), "the environment variable " + name + " to be set");
    }
    return value;
  }

  /** What cannot be filled in, and why. */
  static final class Unfillable extends RuntimeException {
    private static final long serialVersionUID = 1;
    final String value;
    final String expected;

    Unfillable(String value, String expected) {
      super(value);
      this.value = value;
      this.expected = expected;
    }
  }
}
