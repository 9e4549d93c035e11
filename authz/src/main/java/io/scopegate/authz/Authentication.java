package io.scopegate.authz;

import org.jspecify.annotations.Nullable;

/**
 * The answer to "who is it".
 *
 * @param outcome what came out
 * @param user who it is; present exactly when the outcome is {@link Outcome#AUTHENTICATED}
 * @param reason why not, in words for the caller; empty for an authenticated user; never holds any
 *     part of a token
 * @param validUntilMillis the wall-clock time, in milliseconds since the epoch, after which this
 *     answer must not be used any more ({@code exp} of the token included)
 */
public record Authentication(
    Outcome outcome, @Nullable User user, String reason, long validUntilMillis) {

  /** The three ways the question can end. */
  public enum Outcome {
    /** The token is good. */
    AUTHENTICATED,
    /** Somebody who knows said that the token is not good. */
    UNAUTHENTICATED,
    /** Nobody could be asked: the caller should try again. */
    UNDECIDED
  }

  /** Refuses an authenticated answer without a user and the other way round. */
  public Authentication {
    if ((outcome == Outcome.AUTHENTICATED) != (user != null)) {
      throw new IllegalArgumentException("user: " + user + " (expected: fits " + outcome + ")");
    }
  }
}
