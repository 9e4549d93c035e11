package io.scopegate.gateway.reload;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.route.Endpoint;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * Access while the API server's client is still being made: the ports are open already, and who
 * comes early is told to come again.
 */
public final class StartingAccess implements Access {
  private static final long RETRY_MILLIS = 1_000;
  private static final AccessDecision STARTING =
      new AccessDecision(
          Refusal.retryable(
              Refusal.Reason.UNDECIDED, "authentication: the gateway is starting", RETRY_MILLIS),
          null,
          "",
          "",
          0);

  private volatile @Nullable Access access;

  /** From now on this one decides. */
  public void become(Access decided) {
    access = decided;
  }

  @Override
  public @Nullable AccessDecision known(
      Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
    Access a = access;
    return a == null ? STARTING : a.known(endpoint, head, memo);
  }

  @Override
  public Future<AccessDecision> ask(
      Endpoint endpoint, Http2Headers head, ConnectionDecisionCache memo) {
    Access a = access;
    return a == null ? Future.succeededFuture(STARTING) : a.ask(endpoint, head, memo);
  }
}
