package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.meter.QueryCost;
import io.scopegate.gateway.route.Endpoint;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is recorded about one request from its head to its end: filled by the data path on the
 * connection's event loop, read once when the exchange has ended.
 */
public final class RequestRecord {
  /** The listener's name in the configuration. */
  public final String listener;

  /** The client's address and port, or empty. */
  public final String client;

  /** The client's address as a number, equal for addresses that count as one client's. */
  public long clientNetwork;

  /** Whether the client's connection is TLS. */
  public final boolean tls;

  /** {@code HTTP/1.1} or {@code HTTP/2}. */
  public final String protocol;

  /** {@code System.nanoTime()} when the head arrived. */
  public final long startNanos;

  /** The endpoint that matched; null when none did. */
  public @Nullable Endpoint endpoint;

  /** The tenant's name, or several with {@code |} between; empty when none was established. */
  public String tenant = "";

  /** The user's name; empty when none was established. */
  public String user = "";

  /** The upstream's name in the configuration; empty when the request was not forwarded. */
  public String upstream = "";

  /** The server that it was sent to last; only while it is traced. */
  public @Nullable SocketAddress server;

  /** Its trace; null while tracing is off, and for a request that has none. */
  public @Nullable RequestTrace trace;

  /** How often it was sent again. */
  public int retries;

  /** The HTTP status that the client got; 0 when it went away before one was sent. */
  public int status;

  /** The gRPC status that the client got; -1 when not gRPC or unknown. */
  public int grpcStatus = -1;

  /** Why the gateway refused; null when upstream answered. */
  public @Nullable Refusal refusal;

  /** Why the gateway would have refused it, if it did more than log; mostly null. */
  public @Nullable Refusal waived;

  /** Why a limit of its tenant would have refused it, if limits did more than log; mostly null. */
  public @Nullable Refusal overLimit;

  /** What exactly was wrong with the credential, which the client is not told; mostly empty. */
  public String cause = "";

  /** {@code System.nanoTime()} when the exchange ended. */
  public long endNanos;

  /** Body bytes from the client, framing excluded. */
  public long bytesIn;

  /** Body bytes to the client, framing excluded. */
  public long bytesOut;

  /** Bytes that were to be stored, decoded as far as they were measured. */
  public long decodedBytes;

  /** Spans that were to be stored, as far as they were measured. */
  public long spans;

  /** What Tempo said that the query cost; null where that is not read, or there was no answer. */
  public @Nullable QueryCost cost;

  /** Whether the exchange ended by a reset or a lost connection, from either side. */
  public boolean aborted;

  /** Whether an expired answer decided because the API server could not be asked. */
  public boolean stale;

  /** Requests of the same tenant over a limit that were not logged since the last one that was. */
  public long skipped;

  private String requestId = "";
  private CharSequence method = "";
  private CharSequence path = "";

  /**
   * A request that has just begun.
   *
   * @param listener the listener's name in the configuration
   * @param client the client's address and port, or empty
   * @param tls whether the client's connection is TLS
   * @param protocol {@code HTTP/1.1} or {@code HTTP/2}
   * @param startNanos {@code System.nanoTime()} when the head arrived
   */
  public RequestRecord(
      String listener, String client, boolean tls, String protocol, long startNanos) {
    this.listener = listener;
    this.client = client;
    this.tls = tls;
    this.protocol = protocol;
    this.startNanos = startNanos;
  }

  /**
   * Notes what the client asked for; called once.
   *
   * @param id the client's {@code x-request-id} when it can be used, else a new one
   * @param askedMethod the method as the client sent it; empty when it could not be read
   * @param askedPath the path without the query; empty when it could not be read
   * @throws IllegalStateException when it is known already
   */
  public void asked(String id, CharSequence askedMethod, CharSequence askedPath) {
    if (!requestId.isEmpty()) {
      throw new IllegalStateException("requestId: " + requestId + " (expected: not known yet)");
    }
    requestId = id;
    method = askedMethod;
    path = askedPath;
  }

  /** The request's id; empty until the head was read. */
  public String requestId() {
    return requestId;
  }

  /** The id of its trace in 32 digits; empty when it has none. */
  String traceId() {
    RequestTrace known = trace;
    return known == null ? "" : known.traceId();
  }

  /** The method as the client sent it; empty when it could not be read. */
  public CharSequence method() {
    return method;
  }

  /** The path without the query; empty when it could not be read. */
  public CharSequence path() {
    return path;
  }
}
