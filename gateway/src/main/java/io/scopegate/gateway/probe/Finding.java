package io.scopegate.gateway.probe;

/**
 * One thing that was found out.
 *
 * @param level how bad it is
 * @param subject what it is about, such as {@code upstreams.query-frontend}
 * @param text what was found, in words that stay the same as long as it is the same
 * @param remedy what to do; empty when there is nothing to do
 */
public record Finding(Level level, String subject, String text, String remedy) {
  /** How bad something is. */
  public enum Level {
    /** As it should be. */
    OK,
    /** It works, or may work later, but somebody should look. */
    WARNING,
    /** It does not work, or is not safe. */
    ERROR
  }

  /** As it should be. */
  public static Finding ok(String subject, String text) {
    return new Finding(Level.OK, subject, text, "");
  }

  /** Worth a look. */
  public static Finding warning(String subject, String text, String remedy) {
    return new Finding(Level.WARNING, subject, text, remedy);
  }

  /** Broken, or not safe. */
  public static Finding error(String subject, String text, String remedy) {
    return new Finding(Level.ERROR, subject, text, remedy);
  }

  /** One line: {@code subject: text; remedy}. */
  @Override
  public String toString() {
    return subject + ": " + text + (remedy.isEmpty() ? "" : "; " + remedy);
  }
}
