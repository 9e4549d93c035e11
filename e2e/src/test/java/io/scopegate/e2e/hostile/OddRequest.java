package io.scopegate.e2e.hostile;

import java.nio.charset.StandardCharsets;

/**
 * A request of HTTP/1.1 that can be read in more than one way, and a plain one behind it.
 *
 * @param number tells its requests from those of others
 * @param title what is odd about it
 * @param text the bytes as ISO-8859-1, with {@code $C} for the number and {@code $A} for the lines
 *     of credentials
 */
record OddRequest(int number, String title, String text) {
  private static final String NEXT =
      "GET /api/search?c=$C&next HTTP/1.1\r\nHost: localhost\r\n$AConnection: close\r\n\r\n";

  /** What is sent. */
  byte[] bytes(String credentials) {
    return (text + NEXT)
        .replace("$C", "c" + number + "c")
        .replace("$A", credentials)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Printable: control characters are escaped. */
  @Override
  public String toString() {
    StringBuilder shown = new StringBuilder();
    text.chars()
        .forEach(c ->
            shown.append(
                c < ' ' || c > '~' ? "\\x%02x".formatted(c) : Character.toString((char) c)));
    return "%d %s: %s".formatted(number, title, shown);
  }
}
