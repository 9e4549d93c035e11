package io.scopegate.gateway.request;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.telemetry.ListenerMeters;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections of one listener on one event loop bring their requests: a place that stays,
 * with a gate that is replaced. So connections that are open follow a new configuration with their
 * next request. After it was made, for its event loop only.
 */
public final class ListenerHandler implements RequestHandler {
  private final List<RequestPipeline> former = new ArrayList<>();
  private RequestPipeline gate;

  public ListenerHandler(RequestPipeline gate) {
    this.gate = gate;
  }

  /** From the next request on. */
  public void become(RequestPipeline next) {
    if (!next.cleansLike(gate)) {
      former.removeIf(next::cleansLike);
      former.add(gate);
    }
    gate = next;
  }

  @Override
  public void request(
      Exchange exchange, Http2Headers head, boolean end, ConnectionDecisionCache memo) {
    gate.request(exchange, head, end, memo);
  }

  @Override
  public @Nullable RequestRecord refuseAgain(
      Http2Headers head, ConnectionDecisionCache memo, ClientInfo info) {
    return gate.refuseAgain(head, memo, info);
  }

  @Override
  public void malformed(Exchange exchange, Refusal why) {
    gate.malformed(exchange, why);
  }

  /**
   * Takes out of trailers whatever any configuration so far takes out, as their head may have gone
   * through an earlier gate.
   */
  @Override
  public Http2Headers cleanTrailers(Http2Headers trailers) {
    former.forEach(earlier -> earlier.cleanTrailers(trailers));
    return gate.cleanTrailers(trailers);
  }

  @Override
  public Telemetry telemetry() {
    return gate.telemetry();
  }

  @Override
  public ListenerMeters meters() {
    return gate.meters();
  }
}
