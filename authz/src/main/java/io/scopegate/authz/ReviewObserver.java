package io.scopegate.authz;

/**
 * Is notified of what happens to reviews, for metrics and readiness. Called from any thread, mostly
 * event loops; must neither block nor throw.
 */
public interface ReviewObserver {
  /** Ignores everything. */
  ReviewObserver NONE = new ReviewObserver() {};

  /** A question that a cache could not answer goes to the API server's queue. */
  default void asked(Kind kind) {}

  /**
   * A question has ended.
   *
   * @param nanos how long it took, waiting for its turn included
   */
  default void answered(Kind kind, Outcome outcome, long nanos) {}

  /**
   * A cache answered.
   *
   * @param stale whether the answer has expired and is used because the API server cannot be asked
   */
  default void cached(Kind kind, boolean stale) {}

  /** How many reviews wait for their turn now, both kinds together. */
  default void waiting(int count) {}

  /** The circuit has opened: only one probe a second is sent. Or it has closed again. */
  default void circuit(boolean open) {}

  /** A new connection to the API server was opened. */
  default void reconnected() {}

  /**
   * The gateway's own credential at the API server, whenever it was read.
   *
   * @param expiryMillis when it expires, in milliseconds since the epoch; {@link Long#MAX_VALUE}
   *     when it does not say
   */
  default void ownCredential(long expiryMillis) {}

  /** A token was checked locally, with this outcome. */
  default void checked(TokenCheck check) {}

  /**
   * An issuer's keys were read, or could not be.
   *
   * @param issuer how it is called
   * @param count how many are loaded now; 0 when its tokens cannot be verified locally
   */
  default void keys(String issuer, int count) {}

  /**
   * Whether a kind of object is followed now.
   *
   * @param resource its plural name, of a fixed set
   */
  default void followed(String resource, boolean now) {}

  /** A watch event of that kind was received. */
  default void changed(String resource) {}

  /** The watch of that kind was restarted. */
  default void rewatched(String resource) {}

  /** Cached answers were discarded early because of a watch event. */
  default void ended(int answers) {}

  /** What is asked. */
  enum Kind {
    /** A TokenReview. */
    TOKEN,
    /** A SubjectAccessReview. */
    ACCESS
  }

  /** How it ended. */
  enum Outcome {
    /** The token is good, or the user may. */
    YES,
    /** The token was rejected, or the user may not. */
    NO,
    /** Nobody could be asked. */
    UNDECIDED
  }
}
