package io.scopegate.gateway.access;

import io.scopegate.authz.Authentication;
import org.jspecify.annotations.Nullable;

/**
 * Who the other end of a client's connection is by the connection itself, whatever its requests
 * say. On the connection's event loop only.
 */
public interface ConnectionIdentity {
  /** Nobody that is known. */
  ConnectionIdentity NONE = nowMillis -> null;

  /**
   * Who it is now; costs nothing but for the first time, and after the authorities have changed.
   *
   * @return null when it has not said; a refusal when what it said does not hold any more
   */
  @Nullable Authentication authentication(long nowMillis);
}
