package io.scopegate.authz;

/**
 * Is told what happens to reviews, for metrics and readiness. Called from any thread, mostly event
 * loops; must neither block nor throw.
 */
public interface ReviewObserver {
  /** Takes no notice. */
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
   * @param stale whether the answer is past its time and serves because nobody can be asked
   */
  default void cached(Kind kind, boolean stale) {}

  /** How many reviews wait for their turn now, both kinds together. */
  default void waiting(int count) {}

  /** No review but a probe a second is sent from now on, or all of them again. */
  default void circuit(boolean open) {}

  /** The connection to the API server was made anew. */
  default void reconnected() {}

  /** A token was looked at here, and this is what came out. */
  default void checked(TokenCheck check) {}

  /**
   * An issuer's keys were read, or could not be.
   *
   * @param issuer how it is called
   * @param count how many are known now; 0 when its tokens cannot be checked here
   */
  default void keys(String issuer, int count) {}

  /**
   * Whether a kind of object is followed now.
   *
   * @param resource its plural name, of a fixed set
   */
  default void followed(String resource, boolean now) {}

  /** A change of an object of that kind was told. */
  default void changed(String resource) {}

  /** The watch of that kind was begun anew. */
  default void rewatched(String resource) {}

  /** Cached answers were ended before their time because something has changed. */
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
