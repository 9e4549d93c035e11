package io.scopegate.authz.decision;

/** An issuer's keys could not be read. */
final class KeysMissing extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean refused;

  /**
   * Why.
   *
   * @param refused whether they are not for us, so that those known before must not serve on
   */
  KeysMissing(String message, boolean refused) {
    super(message, null, false, false);
    this.refused = refused;
  }

  boolean refused() {
    return refused;
  }
}
