package io.scopegate.authz;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Finds out whose token this is. */
public interface Authenticator {
  /**
   * The answer, when it is known already. Never blocks; may be called from any thread.
   *
   * @param token the bare token, without a scheme
   * @return the answer, or null when somebody has to be asked
   */
  @Nullable Authentication cached(CharSequence token);

  /**
   * The answer, asking for it when it is not known. Equal questions at the same time are asked
   * once.
   *
   * @param token the bare token, without a scheme
   * @return completes on the calling event loop's context when called from one; never fails: not
   *     being able to ask is {@link Authentication.Outcome#UNDECIDED}
   */
  Future<Authentication> authenticate(CharSequence token);
}
