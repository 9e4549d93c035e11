package io.scopegate.authz.kubernetes;

/**
 * The API server's address or the credentials for it are unknown. The message is for the operator:
 * it names the file or key and what was expected, and holds no secret.
 */
public final class ClusterAccessException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String what;
  private final String expected;

  /**
   * Something is not as expected.
   *
   * @param what what is wrong: a file or key, and its value if it is no secret
   * @param expected what could stand there
   */
  public ClusterAccessException(String what, String expected) {
    super(what + " (expected: " + expected + ")");
    this.what = what;
    this.expected = expected;
  }

  /** With the failure behind it. */
  public ClusterAccessException(String what, String expected, Throwable cause) {
    super(what + " (expected: " + expected + ")", cause);
    this.what = what;
    this.expected = expected;
  }

  /** What is wrong. */
  public String what() {
    return what;
  }

  /** What could stand there. */
  public String expected() {
    return expected;
  }
}
