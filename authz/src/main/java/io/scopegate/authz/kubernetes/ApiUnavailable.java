package io.scopegate.authz.kubernetes;

/** The API server did not answer, or not this process; the log has the reason already. */
public final class ApiUnavailable extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean refused;

  /**
   * In the words of {@link ApiAnswer.Problem}.
   *
   * @param refused whether it answered, and did not accept this process's credentials
   */
  ApiUnavailable(String message, boolean refused) {
    super(message, null, false, false);
    this.refused = refused;
  }

  /** Whether it did not accept this process's credentials. */
  public boolean refused() {
    return refused;
  }
}
