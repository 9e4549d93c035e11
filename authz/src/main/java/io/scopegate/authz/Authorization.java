package io.scopegate.authz;

/**
 * The answer to "may they".
 *
 * @param decision what came out
 * @param reason why, in the API server's or Scopegate's words; may be empty
 * @param validUntilMillis the wall-clock time, in milliseconds since the epoch, after which this
 *     answer must not be used any more
 */
public record Authorization(Decision decision, String reason, long validUntilMillis) {

  /** The three ways the question can end. */
  public enum Decision {
    /** They may. */
    ALLOW,
    /** They may not: nobody who was asked allows it. */
    DENY,
    /** Nobody could be asked: the caller should try again. */
    UNDECIDED
  }
}
