package io.scopegate.authz;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Decides whether a user may do something. */
public interface Authorizer {
  /**
   * The answer, when it is known already. Never blocks; may be called from any thread.
   *
   * @return the answer, or null when somebody has to be asked
   */
  @Nullable Authorization cached(User user, ResourceAttributes attributes);

  /**
   * The answer, asking for it when it is not known. Equal questions at the same time are asked
   * once.
   *
   * @return completes on the calling event loop's context when called from one; never fails: not
   *     being able to ask is {@link Authorization.Decision#UNDECIDED}
   */
  Future<Authorization> authorize(User user, ResourceAttributes attributes);
}
