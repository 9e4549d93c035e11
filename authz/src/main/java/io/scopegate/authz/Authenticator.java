package io.scopegate.authz;

import io.vertx.core.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Authenticates tokens. */
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
  default Future<Authentication> authenticate(CharSequence token) {
    return authenticate(token, "");
  }

  /**
   * As {@link #authenticate(CharSequence)}, with who sent the token. What has to wait takes turns
   * by client, so that nobody's made-up tokens hold up another's good ones.
   *
   * @param client anything that is equal for one client, such as its address
   */
  Future<Authentication> authenticate(CharSequence token, Object client);

  /**
   * As {@link #authenticate(CharSequence, Object)}, and says early whose token it most likely is,
   * where that can be told: what the answer will have asked about that user can then be asked at
   * the same time. It decides nothing; only the answer does.
   *
   * @param expected called with that user at most once, before this returns or on the calling event
   *     loop; never called by one that cannot tell, and for one of several callers with the same
   *     token
   */
  default Future<Authentication> authenticate(
      CharSequence token, Object client, Consumer<User> expected) {
    return authenticate(token, client);
  }
}
