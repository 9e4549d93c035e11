package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.exchange.StreamEnd;
import org.jspecify.annotations.Nullable;

/**
 * What was sent of a request, taken back to be sent again.
 *
 * @param head its head
 * @param end whether that, with the body, is all of it
 * @param body the body so far, for which the client has got no credit yet; null for none
 */
public record SentRequest(Http2Headers head, boolean end, @Nullable ByteBuf body) {

  /** Sends it over a new end, which is linked with the client's. */
  public void sendOver(StreamEnd fresh, StreamEnd client) {
    fresh.link(client);
    fresh.head(head, end && body == null);
    if (body == null) {
      return;
    }
    if (fresh.linked()) {
      fresh.data(body, end);
    } else {
      ResendableEnd.lose(body, client);
    }
  }
}
