package io.scopegate.gateway.forward;

import io.scopegate.config.ConfigLoader;
import io.scopegate.config.Host;
import io.scopegate.config.Key;
import io.scopegate.gateway.tls.TlsProvider;
import io.scopegate.gateway.tls.UpstreamTlsConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One server, or several of the same kind, that requests go to.
 *
 * @param url where it is, and what it is called
 * @param endpoints where its servers are, instead of the URL's host and port; empty for there
 * @param service the Kubernetes Service whose servers it has; null for none
 * @param srv the name of SRV records that name its servers; null for none
 * @param grpcUrl where gRPC goes; null for the same place
 * @param pathPrefix what the paths of its HTTP API begin with; null for nothing
 * @param host which host requests to it name
 * @param protocol what it speaks
 * @param tls how its certificate is checked; matters for {@code https} only
 * @param timeouts how long it may take
 * @param connections how many connections it gets
 * @param lookupInterval how often its names are looked up while it is used
 * @param health when a server is left out
 * @param retries how often requests are sent again
 * @param hedging when a slow read is sent to a second server as well; null for never
 * @param healthCheck how its servers are asked whether they are well; null when they are not asked
 * @param affinity which requests go to the same server
 * @param concurrency how many requests each server gets at a time; null for any number
 */
public record UpstreamConfig(
    @Key(
            doc =
                "Scheme, host and port of the server, or `unix:///path/of.sock`. A name with several"
                    + " addresses stands for as many servers.",
            reload = Key.Reload.AT_ONCE)
        UpstreamUrl url,
    @Key(
            doc =
                "Where the servers are (host:port or a Unix socket), in place of the URL's host and"
                    + " port; the URL's scheme and host still tell how they are called.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<UpstreamPlace> endpoints,
    @Key(
            doc =
                "The Kubernetes Service whose Pods are the servers, as `namespace/name:port`, in"
                    + " place of the URL's host and port. The port is the name of the Service's port"
                    + " or the number that the Pods listen on. Needs the right to list and watch"
                    + " EndpointSlices in that namespace.",
            reload = Key.Reload.AT_ONCE)
        @Nullable UpstreamService service,
    @Key(
            doc =
                "Fully qualified name of the SRV records that name the servers, such as"
                    + " `_http._tcp.query-frontend.tempo.svc.cluster.local`, in place of the URL's"
                    + " host and port. The lowest priority of which enough servers are well is used,"
                    + " by weight.",
            reload = Key.Reload.AT_ONCE)
        @Nullable Host srv,
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
                "Which host requests name (`Host`, `:authority`): the `client`'s, the `upstream`'s"
                    + " own from its URL, or a given one. In a service mesh it decides where they"
                    + " go.",
            def = "client",
            reload = Key.Reload.AT_ONCE)
        HostHeader host,
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
    @Key(
            doc =
                "How often names are looked up again while requests come; answers are kept for"
                    + " their TTL, at most 30s.",
            def = "5s",
            min = 100,
            reload = Key.Reload.AT_ONCE)
        Duration lookupInterval,
    @Key(doc = "When one of several servers is left out.") HealthConfig health,
    @Key(doc = "How often requests are sent again.") RetriesConfig retries,
    @Key(
            doc =
                "Send a slow read without a body (GET and HEAD) to a second server as well, and"
                    + " take the answer that begins first; `{}` for the defaults. Within"
                    + " `retries.budget`, and only if another server is well. Absent: never.",
            reload = Key.Reload.AT_ONCE)
        @Nullable HedgingConfig hedging,
    @Key(
            doc =
                "Ask each of several servers whether it is well, over a connection of its own, and"
                    + " leave out one that says no; `{}` for `GET /ready` every 5s. Absent: only"
                    + " requests show how a server is.",
            reload = Key.Reload.AT_ONCE)
        @Nullable HealthCheckConfig healthCheck,
    @Key(
            doc =
                "Which requests go to the same one of several servers, as long as it is well and has"
                    + " no more than a quarter above its share: those of a `tenant`, or those that"
                    + " ask the same (`query`: tenant, path and parameters without times; calls over"
                    + " gRPC by tenant). `none`: each goes to the less loaded of two.",
            def = "none",
            reload = Key.Reload.AT_ONCE)
        Affinity affinity,
    @Key(
            doc =
                "Give each server so many requests at a time as it answers about as fast as without"
                    + " load; others wait, tenant by tenant; `{}` for the defaults. Absent: any"
                    + " number.",
            reload = Key.Reload.AT_ONCE)
        @Nullable ConcurrencyConfig concurrency) {

  /** Copies the list. */
  public UpstreamConfig {
    endpoints = List.copyOf(endpoints);
  }

  /** One server with everything else by default. */
  public static UpstreamConfig of(UpstreamUrl url, Protocol protocol) {
    return new UpstreamConfig(
        url,
        List.of(),
        null,
        null,
        null,
        null,
        HostHeader.parse("client"),
        protocol,
        ConfigLoader.defaults(UpstreamTlsConfig.class),
        ConfigLoader.defaults(TimeoutsConfig.class),
        ConfigLoader.defaults(ConnectionsConfig.class),
        Duration.ofSeconds(5),
        ConfigLoader.defaults(HealthConfig.class),
        ConfigLoader.defaults(RetriesConfig.class),
        null,
        null,
        Affinity.NONE,
        null);
  }

  /** The keys that say where its servers are, in place of its URL. */
  public List<String> sources() {
    List<String> given = new ArrayList<>();
    if (!endpoints.isEmpty()) {
      given.add("endpoints");
    }
    if (service != null) {
      given.add("service");
    }
    if (srv != null) {
      given.add("srv");
    }
    return given;
  }

  /** Whether its checks go by HTTP/2. */
  boolean isCheckedByHttp2() {
    HealthCheckConfig check = healthCheck;
    return check != null
        && (check.type() == HealthCheckConfig.Type.GRPC
            || check.port() == 0 && (protocol == Protocol.H2 || protocol == Protocol.H2C));
  }

  /** Whether its servers are found while it runs, wherever its URL points to. */
  public boolean isFound() {
    return service != null || srv != null;
  }

  /** Where its servers for calls, or for other requests, are looked for. */
  List<UpstreamPlace> places(boolean grpc) {
    return endpoints.isEmpty() ? List.of(url(grpc).place()) : endpoints;
  }

  /** Its listed servers, one URL for each; empty where it has one place, that of its URL. */
  public List<UpstreamUrl> servers() {
    return endpoints.stream()
        .map(place ->
            place.socket() == null
                ? new UpstreamUrl(url.tls(), place.host(), place.port())
                : new UpstreamUrl(url.tls(), url.host(), 0, place.socket()))
        .toList();
  }

  /** The same with the servers that a Service or SRV records were found to have. */
  public UpstreamConfig found(List<UpstreamPlace> servers) {
    return with(servers, tls);
  }

  /** The same with this TLS provider, where none is given. */
  public UpstreamConfig orProvider(TlsProvider otherwise) {
    return with(endpoints, tls.orProvider(otherwise));
  }

  private UpstreamConfig with(List<UpstreamPlace> servers, UpstreamTlsConfig secured) {
    return new UpstreamConfig(
        url,
        servers,
        service,
        srv,
        grpcUrl,
        pathPrefix,
        host,
        protocol,
        secured,
        timeouts,
        connections,
        lookupInterval,
        health,
        retries,
        hedging,
        healthCheck,
        affinity,
        concurrency);
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
