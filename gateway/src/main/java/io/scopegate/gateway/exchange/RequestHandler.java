package io.scopegate.gateway.exchange;

import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.access.ConnectionDecisionCache;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.telemetry.RequestRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a client's connection hands its requests to. One of them serves one listener on one loop.
 */
public interface RequestHandler {
  /**
   * A request's head arrived. The handler links the client's end with another one, or refuses.
   *
   * @param exchange the new exchange; its client's end is not linked yet
   * @param head the head, the handler's to change
   * @param end whether there is no body
   * @param memo what the connection remembers
   */
  void request(Exchange exchange, Http2Headers head, boolean end, ConnectionDecisionCache memo);

  /**
   * Refuses a call as the last one of the connection was: because its tenant is over a rate still,
   * or for its credential or right. Without an exchange; nothing has happened when it does not.
   *
   * @param head the head, as it came
   * @param memo what the connection remembers
   * @param context what the requests of the connection share
   * @return what is recorded of it, with the refusal; null when it has to go its usual way
   */
  @Nullable RequestRecord refuseAgain(
      Http2Headers head, ConnectionDecisionCache memo, ConnectionContext context);

  /**
   * A request that could not be read.
   *
   * @param exchange the new exchange
   * @param why what is wrong with it
   */
  void malformed(Exchange exchange, Refusal why);
}
