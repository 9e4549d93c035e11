package io.scopegate.authz.kubernetes;

/**
 * The API server's address or the credentials for it are unknown. The message is for the operator:
 * it names the file or key and what was expected, and holds no secret.
 */
public final class ClusterAccessException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With a message that stands for itself. */
  public ClusterAccessException(String message) {
    super(message);
  }

  /** With the failure behind it. */
  public ClusterAccessException(String message, Throwable cause) {
    super(message, cause);
  }
}
