package io.scopegate.gateway.importing;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A template of Go's {@code text/template} as far as it can be expressed here: with the value
 * alone.
 */
final class GoTemplate {
  private static final Pattern VALUE = Pattern.compile("\\{\\{\\s*\\.Value\\s*}}");

  private GoTemplate() {}

  /** The template with {@code {value}}; empty when it does more, or holds another brace. */
  static Optional<String> translated(String template) {
    StringBuilder translated = new StringBuilder();
    Matcher matcher = VALUE.matcher(template);
    int end = 0;
    while (matcher.find()) {
      translated.append(template, end, matcher.start()).append("{value}");
      end = matcher.end();
    }
    translated.append(template.substring(end));
    boolean more = translated.toString().replace("{value}", "").matches("(?s).*[{}].*");
    return more ? Optional.empty() : Optional.of(translated.toString());
  }
}
