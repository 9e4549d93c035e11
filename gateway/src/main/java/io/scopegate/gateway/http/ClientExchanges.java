package io.scopegate.gateway.http;

import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.exchange.StreamEnd;

/**
 * Opens the exchanges of one client connection.
 *
 * @param handler whom requests are handed to
 * @param info what is known of the connection
 * @param limits what it may cost
 * @param protocol how it is called in the access log
 * @param http2 whether it is HTTP/2
 */
record ClientExchanges(
    RequestHandler handler,
    ClientInfo info,
    CodecSettings limits,
    String protocol,
    boolean http2) {

  /** An exchange whose client's end this is. */
  Exchange open(StreamEnd end) {
    Exchange x = new Exchange(end, handler, limits.bodyTimeoutNanos());
    x.record.protocol = protocol;
    x.http2 = http2;
    x.info = info;
    info.fill(x.record);
    return x;
  }
}
