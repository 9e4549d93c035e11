package io.scopegate.config;

/**
 * Something that is wrong, or worth knowing, in a configuration file.
 *
 * @param file the file's name as the user gave it
 * @param position where in the file
 * @param path the key's path; the root when the file as a whole is meant
 * @param value the offending value, masked when it is a secret; or in words what is the matter
 * @param expected what would fit
 */
public record Problem(String file, Position position, KeyPath path, String value, String expected) {

  /** One line: {@code file:line:column path: value (expected: …)}. */
  @Override
  public String toString() {
    String at = file + ":" + position + (path.isRoot() ? "" : " " + path);
    return at + ": " + value + " (expected: " + expected + ")";
  }
}
