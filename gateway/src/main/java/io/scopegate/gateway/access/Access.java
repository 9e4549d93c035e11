package io.scopegate.gateway.access;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.route.Endpoint;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Decides about a request: authenticate, resolve the tenant, authorise. Never reads a body. */
public interface Access {
  /**
   * The decision, when everything it needs is known already. Never blocks and, for a request like
   * the last one on the same connection, allocates nothing.
   *
   * @param endpoint what is called
   * @param head the request's head, with lower-case names
   * @param memo what this connection remembers
   * @return the decision, or null when somebody has to be asked
   */
  @Nullable AccessDecision known(
      Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo);

  /**
   * The decision, asking for what is not known.
   *
   * @param endpoint what is called
   * @param head the request's head; not used after this call returns
   * @param memo what this connection remembers; not used after this call returns
   * @return completes on the calling event loop; never fails
   */
  Future<AccessDecision> ask(Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo);

  /** Whether refusals are more than logged, see {@link Enforcement}. */
  default boolean enforces() {
    return true;
  }

  /**
   * For an explanation: whether what was denied would be allowed by the other of the mappings
   * {@code tempo-operator} and {@code namespaced}.
   *
   * @param grounds what the denial rests on
   * @return completes with the other mapping's name, or an empty text; never fails
   */
  default Future<String> otherMapping(Endpoint endpoint, DecisionBasis grounds) {
    return Future.succeededFuture("");
  }
}
