package io.scopegate.gateway.http;

import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.exchange.StreamEnd;

/**
 * Opens the exchanges of one client connection.
 *
 * @param handler whom requests are handed to
 * @param about what all requests of the connection share
 * @param limits what it may cost
 */
record ClientExchanges(RequestHandler handler, ConnectionContext about, CodecSettings limits) {

  /** An exchange whose client's end this is. */
  Exchange open(StreamEnd end) {
    return new Exchange(end, about);
  }

  /** What is known of the client. */
  ClientInfo info() {
    return about.client();
  }
}
