package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.route.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * What is recorded about one request from its head to its end: filled by the data path on the
 * connection's event loop, read once when the exchange has ended.
 */
public final class RequestRecord {
  /** The listener's name in the configuration. */
  public String listener = "";

  /** The client's address and port, or empty. */
  public String client = "";

  /** {@code HTTP/1.1} or {@code HTTP/2}. */
  public String protocol = "";

  /** The client's address as a number, equal for addresses that count as one client's. */
  public long clientNetwork;

  /** Whether the client's connection is TLS. */
  public boolean tls;

  /** The method as the client sent it. */
  public CharSequence method = "";

  /** The path without the query. */
  public CharSequence path = "";

  /** The endpoint that matched; null when none did. */
  public @Nullable Endpoint endpoint;

  /** The tenant's name, or several with {@code |} between; empty when none was established. */
  public String tenant = "";

  /** The user's name; empty when none was established. */
  public String user = "";

  /** The upstream's name in the configuration; empty when the request was not forwarded. */
  public String upstream = "";

  /** The HTTP status that the client got; 0 when it went away before one was sent. */
  public int status;

  /** The gRPC status that the client got; -1 when not gRPC or unknown. */
  public int grpcStatus = -1;

  /** Why the gateway refused; null when upstream answered. */
  public @Nullable Refusal refusal;

  /** {@code System.nanoTime()} when the head arrived. */
  public long startNanos;

  /** {@code System.nanoTime()} when the exchange ended. */
  public long endNanos;

  /** Body bytes from the client, framing excluded. */
  public long bytesIn;

  /** Body bytes to the client, framing excluded. */
  public long bytesOut;

  /** Whether the exchange ended by a reset or a lost connection, from either side. */
  public boolean aborted;

  /** Whether an answer that is past its time decided, as nobody could be asked. */
  public boolean stale;

  /** Requests of the same tenant over a limit that made no line since the last one that did. */
  public long skipped;

  /** The request id: the client's {@code x-request-id} when it is sane, else a fresh one. */
  public String requestId = "";
}
