package io.scopegate.gateway.admin;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What clients of a port for operators may use. They need no token, so that all of it is small.
 *
 * @param connections at a time
 * @param streams of one HTTP/2 connection at a time
 * @param lineBytes of a request line
 * @param headBytes of a request's fields together
 * @param bodyBytes of a request's body
 * @param patience how long a request may take to come
 * @param silence after how long without a byte from its client a connection is closed
 */
record PortBounds(
    int connections,
    int streams,
    int lineBytes,
    int headBytes,
    int bodyBytes,
    Duration patience,
    Duration silence) {

  /** The bounds that Vert.x keeps by itself; {@link BoundedConnections} keeps the others. */
  HttpServerOptions options() {
    return new HttpServerOptions()
        .setReadIdleTimeout(Math.toIntExact(silence.toMillis()))
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setMaxInitialLineLength(lineBytes)
        .setMaxHeaderSize(headBytes)
        .setMaxFormAttributeSize(bodyBytes)
        .setMaxFormBufferedBytes(bodyBytes)
        .setHttp2ClearTextEnabled(true)
        .setInitialSettings(
            new Http2Settings().setMaxConcurrentStreams(streams).setMaxHeaderListSize(headBytes));
  }
}
