package io.scopegate.authz.decision;

/** An issuer's keys could not be read. */
final class KeysMissing extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean refused;
  private final boolean logged;

  /**
   * Why.
   *
   * @param refused whether access was refused, so that the previous keys must not be used any more
   */
  KeysMissing(String message, boolean refused) {
    this(message, refused, false);
  }

  /**
   * Why.
   *
   * @param logged whether the log has the reason already
   */
  KeysMissing(String message, boolean refused, boolean logged) {
    super(message, null, false, false);
    this.refused = refused;
    this.logged = logged;
  }

  /** Whether the log has the reason already, so that another line would only repeat it. */
  boolean logged() {
    return logged;
  }

  boolean refused() {
    return refused;
  }
}
