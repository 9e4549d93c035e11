package io.scopegate.gateway.request;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.telemetry.RequestRecord;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections of one listener on one event loop bring their requests: a place that stays,
 * with a gate that is replaced. So connections that are open follow a new configuration with their
 * next request. After it was made, for its event loop only.
 */
public final class ListenerHandler implements RequestHandler {
  private RequestPipeline gate;

  public ListenerHandler(RequestPipeline gate) {
    this.gate = gate;
  }

  /** From the next request on. */
  public void become(RequestPipeline next) {
    gate = next;
  }

  @Override
  public void request(
      Exchange exchange, Http2Headers head, boolean end, ConnectionDecisionCache memo) {
    gate.request(exchange, head, end, memo);
  }

  @Override
  public @Nullable RequestRecord refuseAgain(
      Http2Headers head, ConnectionDecisionCache memo, ConnectionContext context) {
    return gate.refuseAgain(head, memo, context);
  }

  @Override
  public void malformed(Exchange exchange, Refusal why) {
    gate.malformed(exchange, why);
  }
}
