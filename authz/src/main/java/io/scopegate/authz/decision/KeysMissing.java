package io.scopegate.authz.decision;

/** An issuer's keys could not be read. */
final class KeysMissing extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean refused;

  /**
   * Why.
   *
   * @param refused whether access was refused, so that the previous keys must not be used any more
   */
  KeysMissing(String message, boolean refused) {
    super(message, null, false, false);
    this.refused = refused;
  }

  boolean refused() {
    return refused;
  }
}
