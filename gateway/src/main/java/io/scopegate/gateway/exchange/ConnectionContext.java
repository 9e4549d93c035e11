package io.scopegate.gateway.exchange;

import io.scopegate.gateway.telemetry.ListenerMeters;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.telemetry.Telemetry;

/**
 * What all requests of one client connection share; all but the count of unread answers stays as it
 * is while the connection is open.
 *
 * @param client who is at the other end
 * @param protocol {@code HTTP/1.1} or {@code HTTP/2}
 * @param http2 whether that is HTTP/2; there is no gRPC without it
 * @param telemetry where requests are recorded
 * @param meters what the connection's listener counts
 * @param bodyTimeoutNanos the longest pause in a request's body; 0 for no limit
 * @param unread what of the gateway's own answers the client has not read yet
 */
public record ConnectionContext(
    ClientInfo client,
    String protocol,
    boolean http2,
    Telemetry telemetry,
    ListenerMeters meters,
    long bodyTimeoutNanos,
    UnreadAnswers unread) {

  /** HTTP/1.1. */
  public static ConnectionContext http1(
      ClientInfo client, Telemetry telemetry, long bodyTimeoutNanos) {
    return of(client, "HTTP/1.1", false, telemetry, bodyTimeoutNanos);
  }

  /** HTTP/2. */
  public static ConnectionContext http2(
      ClientInfo client, Telemetry telemetry, long bodyTimeoutNanos) {
    return of(client, "HTTP/2", true, telemetry, bodyTimeoutNanos);
  }

  private static ConnectionContext of(
      ClientInfo client,
      String protocol,
      boolean http2,
      Telemetry telemetry,
      long bodyTimeoutNanos) {
    ListenerMeters meters = telemetry.listener(client.listener());
    return new ConnectionContext(
        client, protocol, http2, telemetry, meters, bodyTimeoutNanos, new UnreadAnswers());
  }

  /** The same connection after it was upgraded to HTTP/2. */
  public ConnectionContext upgraded() {
    return new ConnectionContext(
        client, "HTTP/2", true, telemetry, meters, bodyTimeoutNanos, unread);
  }

  /** The record of a request whose head arrived now. */
  public RequestRecord newRecord() {
    RequestRecord made =
        new RequestRecord(
            client.listener(), client.address(), client.tls(), protocol, System.nanoTime());
    made.clientNetwork = client.network();
    return made;
  }
}
