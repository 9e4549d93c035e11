package io.scopegate.config;

/** Texts as they are safe to show. */
final class Text {
  private static final int SHOWN = 80;

  private Text() {}

  /** With control characters, quotes and backslashes as the escapes that JSON and YAML share. */
  static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\r' -> out.append("\\r");
        default -> {
          if (Printable.shows(c)) {
            out.append(c);
          } else {
            Printable.escape(out, c);
          }
        }
      }
    }
    return out.toString();
  }

  /** For a message: on one line, not too long, and visible when it is empty. */
  static String shown(String text) {
    if (text.isEmpty()) {
      return "\"\"";
    }
    String masked = withoutUserinfo(text);
    String shown = masked.length() > SHOWN ? masked.substring(0, SHOWN) + "…" : masked;
    return escaped(shown).equals(shown) ? shown : "\"" + escaped(shown) + "\"";
  }

  /**
   * A URL's name and password masked. Whatever stands before the last {@code @} may belong to it,
   * because passwords are not always escaped.
   */
  private static String withoutUserinfo(String text) {
    int at = text.lastIndexOf('@');
    int scheme = text.indexOf("://");
    if (scheme >= 0 && scheme < at) {
      return text.substring(0, scheme + 3) + Secret.MASK + text.substring(at);
    }
    int colon = text.indexOf(':');
    return colon >= 0 && colon < at ? Secret.MASK + text.substring(at) : text;
  }
}
