package io.scopegate.authz.decision;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.decision.TokenKeys.TokenKey;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who can tell whose tokens are. {@link TokenAuthenticator} takes a token to the first in
 * its list that {@link #claims} it. For any thread.
 */
interface TokenSource {
  /** Whether this one decides about a token that is not {@link #cached}. Costs little. */
  boolean claims(PresentedToken token);

  /**
   * The answer, when it is known already. Called for every token, whichever source claims it, so it
   * looks it up without reading it.
   */
  @Nullable Authentication cached(TokenKey key, CharSequence token);

  /**
   * The answer about a token that it claims.
   *
   * @return never fails; completes on the caller's event loop
   */
  Future<Authentication> authenticate(PresentedToken token);

  /** An object with this UID is gone: ends what is kept of the tokens that are bound to it. */
  default void gone(String uid) {}

  /** How many answers are cached. */
  default long size() {
    return 0;
  }

  /** Reads no keys any more. */
  default void close() {}
}
