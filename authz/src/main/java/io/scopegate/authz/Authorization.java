package io.scopegate.authz;

/**
 * The answer to "may they".
 *
 * @param decision what came out
 * @param reason why, in the API server's or Scopegate's words; may be empty
 * @param validUntilMillis the wall-clock time, in milliseconds since the epoch, after which this
 *     answer must not be used any more
 * @param ground what the answer rests on
 */
public record Authorization(
    Decision decision, String reason, long validUntilMillis, Ground ground) {

  /** The three ways the question can end. */
  public enum Decision {
    /** They may. */
    ALLOW,
    /** They may not: nobody who was asked allows it. */
    DENY,
    /** Nobody could be asked: the caller should try again. */
    UNDECIDED
  }

  /** An answer that rests on nothing worth telling. */
  public Authorization(Decision decision, String reason, long validUntilMillis) {
    this(decision, reason, validUntilMillis, Ground.of(Ground.Source.NONE, 0));
  }

  /** The same answer with another end, within its time. */
  public Authorization until(long untilMillis) {
    return new Authorization(decision, reason, untilMillis, ground);
  }

  /** The same answer, which serves on past its time until then as nobody can be asked. */
  public Authorization staleUntil(long untilMillis) {
    return new Authorization(decision, reason, untilMillis, ground.asStale());
  }

  /**
   * What an answer rests on.
   *
   * @param source who said so
   * @param answeredMillis when it was said, in milliseconds since the epoch; 0 when not known
   * @param lease ends when the answer may have changed before its time
   * @param stale whether the answer is past its time and serves because nobody can be asked
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

    /** Who says what somebody may. */
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
