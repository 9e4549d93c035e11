package io.scopegate.config;

import java.util.regex.Pattern;

/** How a text is written in YAML, so that every reader of YAML 1.1 and 1.2 reads this text. */
public final class YamlText {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./][A-Za-z0-9_./+-]*");

  /** What some reader takes for something else than this text. */
  private static final Pattern NOT_TEXT =
      Pattern.compile(
          "(?i)~|null|y|n|yes|no|on|off|true|false"
              + "|[-+]?0[box][0-9a-f_]++"
              + "|(?=[^0-9]*+[0-9])[-+]?[0-9_]*+(\\.[0-9_]*+)?(e[-+]?[0-9]++)?"
              + "|[-+]?\\.(inf|nan)");

  private YamlText() {}

  /** The text bare where that is safe, else in double quotes with escapes. */
  public static String of(String text) {
    return PLAIN.matcher(text).matches() && !isSomethingElse(text)
        ? text
        : '"' + Text.escaped(text) + '"';
  }

  /** Whether some reader takes the bare text for a number, a boolean or nothing. */
  static boolean isSomethingElse(String text) {
    return NOT_TEXT.matcher(text).matches();
  }
}
