package io.scopegate.authz;

/**
 * The result of authorizing a caller.
 *
 * @param decision what came out
 * @param reason why, in the API server's or Scopegate's words; may be empty
 * @param validUntilMillis the wall-clock time, in milliseconds since the epoch, after which this
 *     answer must not be used any more
 * @param ground what the answer is based on
 */
public record Authorization(
    Decision decision, String reason, long validUntilMillis, Ground ground) {

  /** The three possible outcomes. */
  public enum Decision {
    /** They may. */
    ALLOW,
    /** They may not: no rule and no review allows it. */
    DENY,
    /** Nothing that can decide was reachable: the caller should retry. */
    UNDECIDED
  }

  /** An answer without details of what it is based on. */
  public Authorization(Decision decision, String reason, long validUntilMillis) {
    this(decision, reason, validUntilMillis, Ground.of(Ground.Source.NONE, 0));
  }

  /** This answer with another expiry; it is not stale. */
  public Authorization until(long untilMillis) {
    return new Authorization(decision, reason, untilMillis, ground);
  }

  /** This answer, expired but used until then because the API server cannot be asked. */
  public Authorization staleUntil(long untilMillis) {
    return new Authorization(decision, reason, untilMillis, ground.asStale());
  }

  /**
   * What an answer is based on.
   *
   * @param source who said so
   * @param answeredMillis when it was said, in milliseconds since the epoch; 0 when not known
   * @param lease ends when the answer may have changed before its time
   * @param stale whether the answer has expired and is used because the API server cannot be asked
   */
  public record Ground(Source source, long answeredMillis, Lease lease, boolean stale) {
    /** Within its time. */
    public Ground(Source source, long answeredMillis, Lease lease) {
      this(source, answeredMillis, lease, false);
    }

    /** With a lease of its own. */
    public static Ground of(Source source, long answeredMillis) {
      return new Ground(source, answeredMillis, new Lease());
    }

    private Ground asStale() {
      return stale ? this : new Ground(source, answeredMillis, lease, true);
    }

    /** What decided about the right. */
    public enum Source {
      /** Nobody. */
      NONE,
      /** The API server, by a SubjectAccessReview. */
      SUBJECT_ACCESS_REVIEW,
      /** A rule of {@code authorization.static}. */
      STATIC_RULE
    }
  }
}
