package io.scopegate.gateway.forward;

import io.scopegate.config.Key;
import io.scopegate.gateway.tls.TlsProvider;
import io.scopegate.gateway.tls.UpstreamTlsConfig;
import org.jspecify.annotations.Nullable;

/**
 * One server that requests go to.
 *
 * @param url where it is
 * @param grpcUrl where gRPC goes; null for the same place
 * @param pathPrefix what the paths of its HTTP API begin with; null for nothing
 * @param protocol what it speaks
 * @param tls how its certificate is checked; matters for {@code https} only
 * @param timeouts how long it may take
 * @param connections how many connections it gets
 * @param retries nothing yet
 */
public record UpstreamConfig(
    @Key(doc = "Scheme, host and port of the server.", reload = Key.Reload.AT_ONCE) UpstreamUrl url,
    @Key(
            doc =
                "Where gRPC goes, when that is another port of the server: Tempo's 9095 without"
                    + " `stream_over_http_enabled`.",
            reload = Key.Reload.AT_ONCE)
        @Nullable UpstreamUrl grpcUrl,
    @Key(
            doc =
                "Prefix added to the path of every request that is not gRPC, for example `/tempo`:"
                    + " Tempo's `http_api_prefix`.",
            reload = Key.Reload.AT_ONCE)
        @Nullable PathPrefix pathPrefix,
    @Key(
            doc =
                "What the server speaks: `h2c` (HTTP/2 in clear text), `http1`, `h2` (HTTP/2 over"
                    + " TLS) or `auto` (gRPC by HTTP/2, the rest by HTTP/1.1).",
            def = "auto",
            reload = Key.Reload.AT_ONCE)
        Protocol protocol,
    @Key(doc = "TLS to the server, with an `https` URL.") UpstreamTlsConfig tls,
    @Key(doc = "How long the server may take.") TimeoutsConfig timeouts,
    @Key(doc = "How many connections are opened to the server.") ConnectionsConfig connections,
    @Key(doc = "Retries of failed requests.", notBuilt = "retrying") @Nullable Object retries) {

  /** The same with this TLS provider, where none is given. */
  public UpstreamConfig orProvider(TlsProvider otherwise) {
    return new UpstreamConfig(
        url,
        grpcUrl,
        pathPrefix,
        protocol,
        tls.orProvider(otherwise),
        timeouts,
        connections,
        retries);
  }

  /** Where its calls, or its other requests, go. */
  public UpstreamUrl url(boolean grpc) {
    return grpc && grpcUrl != null ? grpcUrl : url;
  }

  /** What a server speaks. */
  public enum Protocol {
    /** HTTP/2 with prior knowledge, in clear text. */
    H2C,
    /** HTTP/1.1. */
    HTTP1,
    /** HTTP/2 over TLS. */
    H2,
    /** gRPC by HTTP/2, the rest by HTTP/1.1. */
    AUTO
  }
}
