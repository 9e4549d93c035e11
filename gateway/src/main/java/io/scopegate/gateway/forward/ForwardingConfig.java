package io.scopegate.gateway.forward;

import io.scopegate.config.DataSize;
import io.scopegate.config.Key;
import io.scopegate.gateway.exchange.HeapShares;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How requests are forwarded.
 *
 * @param stripAuthorization whether the client's token is not forwarded
 * @param identityHeaders which headers name the user to the upstream; null for none
 * @param forwardedHeaders whether {@code X-Forwarded-*} are set
 * @param maxConnectionAge how old a client connection gets before it is closed gracefully; zero for
 *     any age
 * @param drain how long requests in flight may go on when the process ends
 * @param maxBytesInFlight how many bytes of all bodies are held at a time; null: by the heap
 * @param maxRequestsInFlight how many requests are in progress at a time; null: by the heap
 * @param eventLoops how many threads move data; 0 for one per core
 * @param zone where this process is; null or empty when that is not known
 */
public record ForwardingConfig(
    @Key(
            doc = "Do not forward the client's token upstream.",
            def = "true",
            reload = Key.Reload.AT_ONCE)
        boolean stripAuthorization,
    @Key(
            doc = "Headers that name the user to the upstream; `null`: none.",
            reload = Key.Reload.AT_ONCE)
        @Nullable IdentityHeadersConfig identityHeaders,
    @Key(
            doc = "Append the client to `X-Forwarded-For` and set `X-Forwarded-Proto` and `-Host`.",
            def = "true",
            reload = Key.Reload.AT_ONCE)
        boolean forwardedHeaders,
    @Key(
            doc = "Age at which a client connection is closed gracefully; 0s: unlimited.",
            def = "30m",
            reload = Key.Reload.AT_ONCE)
        Duration maxConnectionAge,
    @Key(
            doc = "How long requests in progress may continue after SIGTERM.",
            def = "25s",
            reload = Key.Reload.AT_ONCE)
        Duration drain,
    @Key(
            doc =
                "Bytes of all bodies held at the same time. Above it clients wait, so this limits"
                    + " the memory of the process. Default: a quarter of the heap, at most 256MiB.",
            min = 1_048_576)
        @Nullable DataSize maxBytesInFlight,
    @Key(
            doc =
                "Concurrent requests; further ones are refused and can be retried. One tenant may"
                    + " have as many as are free: alone, half of them. Default: one for each 32KiB"
                    + " of the heap, at most 20000.",
            min = 2,
            max = 10_000_000)
        @Nullable Integer maxRequestsInFlight,
    @Key(doc = "Threads that move data; 0: one per core.", def = "0", min = 0, max = 1024)
        int eventLoops,
    @Key(
            doc =
                "Zone that this process runs in, as the label `topology.kubernetes.io/zone` has it:"
                    + " servers that hints of EndpointSlices mean for it are preferred. Null or"
                    + " empty: any zone.")
        @Nullable String zone) {

  /** Derives missing sizes from the heap. */
  public ForwardingConfig {
    HeapShares shares = HeapShares.ofThisProcess();
    maxBytesInFlight = maxBytesInFlight == null ? shares.bytesInFlight() : maxBytesInFlight;
    maxRequestsInFlight =
        maxRequestsInFlight == null ? (Integer) shares.requestsInFlight() : maxRequestsInFlight;
  }

  /** How many bytes of all bodies are held at a time. */
  @Override
  public DataSize maxBytesInFlight() {
    return Objects.requireNonNull(maxBytesInFlight, "maxBytesInFlight");
  }

  /** How many requests are in progress at a time. */
  @Override
  public Integer maxRequestsInFlight() {
    return Objects.requireNonNull(maxRequestsInFlight, "maxRequestsInFlight");
  }

  /** Where this process is; null when that is not known. */
  @Override
  public @Nullable String zone() {
    return zone == null || zone.isEmpty() ? null : zone;
  }

  /** The names of the headers that the gateway itself sets to tell who somebody is. */
  public List<String> ownHeaders() {
    return identityHeaders == null ? List.of() : IdentityHeaders.names(identityHeaders);
  }
}
