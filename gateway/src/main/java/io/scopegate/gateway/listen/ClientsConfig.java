package io.scopegate.gateway.listen;

import io.scopegate.config.DataSize;
import io.scopegate.config.Key;
import io.scopegate.gateway.exchange.HeapShares;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bounds for the clients of a port; a zero duration is no limit.
 *
 * @param handshakeTimeout how long TLS may take, or the first byte
 * @param headerTimeout how long the head of a request may take, and over HTTP/2 the first request
 * @param bodyTimeout the longest pause of a request's body while upstream is reading
 * @param idleTimeout how long a connection without requests stays open
 * @param maxConnections connections at a time; null: by the heap
 * @param maxConnectionsPerAddress connections of one client address at a time; 0 for no limit
 * @param maxStreams HTTP/2 streams of one connection at a time
 * @param maxHeaderBytes size of a request line with all headers
 * @param http2 whether HTTP/2 is spoken
 */
public record ClientsConfig(
    @Key(
            doc = "For the first byte and the TLS handshake; 0s: no limit.",
            def = "10s",
            reload = Key.Reload.AT_ONCE)
        Duration handshakeTimeout,
    @Key(
            doc =
                "For the head of a request, and over HTTP/2 for the first request of a connection; 0s: no limit.",
            def = "10s",
            reload = Key.Reload.AT_ONCE)
        Duration headerTimeout,
    @Key(
            doc = "Longest pause of a request's body while upstream is reading; 0s: no limit.",
            def = "30s",
            reload = Key.Reload.AT_ONCE)
        Duration bodyTimeout,
    @Key(
            doc = "How long a connection without requests stays open; 0s: for ever.",
            def = "5m",
            reload = Key.Reload.AT_ONCE)
        Duration idleTimeout,
    @Key(
            doc =
                "Connections at a time. When there are as many, a new one replaces one without an"
                    + " allowed request so far, the oldest first, then one that has been idle for"
                    + " the longest; it is refused when all others are in use. Without it: one for"
                    + " each 64KiB of the heap, at most 10000.",
            min = 1,
            max = 10_000_000,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer maxConnections,
    @Key(
            doc =
                "Connections at a time of one client address (IPv6: of one /64); 0: no limit. Clients"
                    + " behind one proxy or NAT share an address.",
            def = "0",
            min = 0,
            max = 10_000_000,
            reload = Key.Reload.AT_ONCE)
        int maxConnectionsPerAddress,
    @Key(
            doc = "HTTP/2 streams of one connection at a time.",
            def = "1000",
            min = 1,
            max = 1_000_000,
            reload = Key.Reload.AT_ONCE)
        int maxStreams,
    @Key(
            doc =
                "Size of a request line with all headers; larger, or more than 128 headers, is"
                    + " answered 431.",
            def = "32KiB",
            min = 1024,
            max = 1_048_576,
            reload = Key.Reload.AT_ONCE)
        DataSize maxHeaderBytes,
    @Key(
            doc = "Speak HTTP/2 in addition to HTTP/1.1; without it there is no gRPC.",
            def = "true",
            reload = Key.Reload.AT_ONCE)
        boolean http2) {

  /** What is not given follows from the heap. */
  public ClientsConfig {
    maxConnections =
        maxConnections == null
            ? (Integer) HeapShares.ofThisProcess().connections()
            : maxConnections;
  }

  /** Connections at a time. */
  @Override
  public Integer maxConnections() {
    return Objects.requireNonNull(maxConnections, "maxConnections");
  }
}
