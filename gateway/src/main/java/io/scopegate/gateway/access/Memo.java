package io.scopegate.gateway.access;

import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import org.jspecify.annotations.Nullable;

/**
 * The last decision of one client connection. A header-compressed {@code authorization} comes back
 * as the same object, so a comparison by identity finds it. Used on the connection's event loop
 * only.
 */
public final class Memo {
  @Nullable CharSequence authorization;
  @Nullable CharSequence tenant;
  @Nullable Operation operation;
  @Nullable Verdict verdict;
  long untilMillis;

  /** Whether nothing is remembered. */
  boolean isEmpty() {
    return verdict == null;
  }

  /** Forgets. */
  void clear() {
    authorization = null;
    tenant = null;
    operation = null;
    verdict = null;
  }

  /** Whether a request to this endpoint asks what the remembered one did. */
  boolean sameOperation(Endpoint endpoint) {
    return operation == endpoint.operation();
  }
}
