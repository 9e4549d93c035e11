package io.scopegate.gateway.reload;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.route.Endpoint;
import io.vertx.core.Future;

/**
 * Access while the API server's client is being created: the ports are already open, and early
 * requests are told to retry.
 */
public enum StartingAccess implements Access {
  /** The only one. */
  INSTANCE;

  private static final long RETRY_MILLIS = 1_000;
  private static final AccessDecision STARTING =
      new AccessDecision(
          Refusal.retryable(
              Refusal.Reason.UNDECIDED,
              "authentication: the gateway is starting; retry",
              RETRY_MILLIS),
          null,
          "",
          "",
          0);

  @Override
  public AccessDecision known(Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
    return STARTING;
  }

  @Override
  public Future<AccessDecision> ask(
      Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
    return Future.succeededFuture(STARTING);
  }
}
