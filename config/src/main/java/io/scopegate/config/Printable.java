package io.scopegate.config;

/**
 * What of an untrusted text may be shown. A character that moves the cursor, ends a line, turns the
 * direction of writing or is invisible never reaches a terminal, a log or a file as it is.
 */
public final class Printable {
  private Printable() {}

  /**
   * Whether a character shows itself and does nothing else. False for control and format
   * characters, separators of lines and paragraphs, surrogates and what is no character.
   */
  public static boolean shows(char c) {
    if (c < 0x7f) {
      return c >= ' ';
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  /** The text, with {@code \\u} and four hexadecimal digits for what does not show itself. */
  public static String escaped(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (shows(c) || isPair(text, i)) {
        shown.append(c);
      } else {
        escape(shown, c);
      }
    }
    return shown.toString();
  }

  /** The text on one line, with a blank for each character that does not show itself. */
  public static String onOneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      line.append(shows(c) || isPair(text, i) ? c : ' ');
    }
    return line.toString();
  }

  /**
   * A text in double quotes, of ASCII alone, for a header or a message: other characters and quotes
   * become question marks.
   *
   * @param most how many characters of it are shown; an ellipsis stands for the rest
   */
  public static String quotedAscii(CharSequence text, int most) {
    int length = Math.min(text.length(), most);
    StringBuilder quoted = new StringBuilder(length + 5).append('"');
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      quoted.append(c < 0x7f && shows(c) && c != '"' ? c : '?');
    }
    return quoted.append(length < text.length() ? "...\"" : "\"").toString();
  }

  static void escape(StringBuilder out, char c) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(Character.forDigit(c >> shift & 0xf, 16));
    }
  }

  /** Whether this is half of a character that shows itself. */
  private static boolean isPair(String text, int i) {
    if (!Character.isSurrogate(text.charAt(i))) {
      return false;
    }
    int start = Character.isLowSurrogate(text.charAt(i)) ? i - 1 : i;
    if (start < 0 || start + 1 >= text.length()) {
      return false;
    }
    char high = text.charAt(start);
    char low = text.charAt(start + 1);
    return Character.isSurrogatePair(high, low)
        && switch (Character.getType(Character.toCodePoint(high, low))) {
          case Character.FORMAT, Character.UNASSIGNED -> false;
          default -> true;
        };
  }
}
