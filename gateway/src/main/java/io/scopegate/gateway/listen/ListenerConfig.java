package io.scopegate.gateway.listen;

import io.netty.util.AsciiString;
import io.scopegate.config.HostPort;
import io.scopegate.config.Key;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.answer.CorsConfig;
import io.scopegate.gateway.limit.ListenerLimits;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.HealthChecks;
import io.scopegate.gateway.route.PathRules;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.tls.TlsConfig;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One port: either {@code serves} and {@code upstream}, or {@code routes}.
 *
 * @param address where it listens
 * @param serves what it serves; null with {@code routes}
 * @param upstream where that goes; null with {@code routes}
 * @param routes several of these pairs; null with {@code serves}
 * @param tenantInPath whether paths may name the tenant, as those of the tempo-operator's gateway
 *     do
 * @param pathAliases further exact paths, and the path that each stands for
 * @param grpcWeb whether gRPC methods may be called by gRPC-Web
 * @param cors which pages of other origins may use it from a browser
 * @param allowPaths which paths are proxied; empty for all
 * @param ignorePaths what of it needs no token
 * @param tls already merged over the default of all listeners
 * @param clients already merged over the default of all listeners
 * @param proxyProtocol which load balancers say whom a connection is from
 * @param health which health checks it answers itself
 * @param limits of all its clients together
 * @param enforce what becomes of a request that is refused for who sends it; null: as {@code
 *     authorization.enforce} says
 */
public record ListenerConfig(
    @Key(doc = "Where it listens; port 0 takes any free one.", reload = Key.Reload.AT_ONCE)
        HostPort address,
    @Key(doc = "What it serves; everything else is refused.", reload = Key.Reload.AT_ONCE)
        @Nullable List<Protocol> serves,
    @Key(doc = "Name of the upstream that requests go to.", reload = Key.Reload.AT_ONCE)
        @Nullable String upstream,
    @Key(
            doc = "Several pairs of `serves` and `upstream` on this one port, instead of the two.",
            reload = Key.Reload.AT_ONCE)
        @Nullable List<RouteConfig> routes,
    @Key(
            doc =
                "Whether the paths of the tempo-operator's gateway are served as well:"
                    + " `/api/traces/v1/{tenant}/tempo/api/...` for queries and"
                    + " `/api/traces/v1/{tenant}/v1/traces` for OTLP over HTTP, as far as the"
                    + " listener serves these.",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean tenantInPath,
    @Key(
            doc =
                "Further exact paths, and the exact path of an endpoint that each stands for, such"
                    + " as `/otlp/v1/traces: /v1/traces`. The upstream gets the endpoint's path.",
            def = "{}",
            reload = Key.Reload.AT_ONCE)
        Map<String, String> pathAliases,
    @Key(
            doc =
                "Whether its gRPC methods may be called by gRPC-Web, too: `application/grpc-web`,"
                    + " over HTTP/1.1 and HTTP/2.",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean grpcWeb,
    @Key(doc = "Which web pages may use it from a browser.") CorsConfig cors,
    @Key(
            doc =
                "With `serves: [proxy]`: patterns of the paths that are served, others are answered"
                    + " 404; `*` is any text without a slash. Empty: all paths.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<String> allowPaths,
    @Key(
            doc =
                "With `serves: [proxy]`: patterns of the paths that are forwarded without"
                    + " authentication, tenant and credentials; not together with `allowPaths`.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<String> ignorePaths,
    @Key(doc = "Overrides of the top-level `tls`.", inherits = "tls") TlsConfig tls,
    @Key(doc = "Overrides of the top-level `clients`.", inherits = "clients") ClientsConfig clients,
    @Key(doc = "Load balancers in front that say by the PROXY protocol whom a connection is from.")
        ProxyProtocolConfig proxyProtocol,
    @Key(doc = "Health checks that the port answers itself, without a token.") HealthChecks health,
    @Key(doc = "Limits of all clients of the port together.") ListenerLimits limits,
    @Key(
            doc = "`deny` or `audit` for this listener; null: as `authorization.enforce`.",
            reload = Key.Reload.AT_ONCE)
        @Nullable Enforcement enforce) {

  /** Copies the collections. */
  public ListenerConfig {
    serves = serves == null ? null : List.copyOf(serves);
    routes = routes == null ? null : List.copyOf(routes);
    pathAliases = Collections.unmodifiableMap(new LinkedHashMap<>(pathAliases));
    allowPaths = List.copyOf(allowPaths);
    ignorePaths = List.copyOf(ignorePaths);
  }

  /**
   * Whether what it would refuse for who sends it is forwarded all the same.
   *
   * @param byDefault {@code authorization.enforce}
   */
  public boolean isAuditOnly(Enforcement byDefault) {
    return !isHealth() && (enforce == null ? byDefault : enforce) == Enforcement.AUDIT;
  }

  /** Whether any of its routes serves this. */
  public boolean serves(Protocol what) {
    return serves != null && serves.contains(what)
        || routes != null && routes.stream().anyMatch(route -> route.serves().contains(what));
  }

  /** Whether it tells the gateway's own health, and forwards nothing. */
  public boolean isHealth() {
    return serves != null && serves.contains(Protocol.HEALTH);
  }

  /** The routes, in the order of the file; the short form is one route. */
  public List<RouteConfig> effectiveRoutes() {
    if (routes != null) {
      return routes;
    }
    return serves == null || upstream == null
        ? List.of()
        : List.of(new RouteConfig(serves, upstream));
  }

  /** What each of the routes serves, in their order, as the endpoint table wants it. */
  private List<Set<Protocol>> protocols() {
    if (isHealth()) {
      return List.of(Set.of(Protocol.HEALTH));
    }
    return effectiveRoutes().stream().map(route -> Set.copyOf(route.serves())).toList();
  }

  /**
   * What it serves.
   *
   * @param tenantHeader the tenant header
   * @throws IllegalArgumentException when an alias stands for what is not served
   */
  public EndpointTable endpoints(String tenantHeader) {
    EndpointTable table = withoutAliases(tenantHeader);
    if (!pathAliases.isEmpty()) {
      table = table.withAliases(pathAliases);
    }
    if (grpcWeb) {
      table = table.withGrpcWeb();
    }
    return table.withHealthChecks(health);
  }

  /**
   * What it serves by the endpoints' own paths.
   *
   * @param tenantHeader the tenant header
   */
  public EndpointTable withoutAliases(String tenantHeader) {
    EndpointTable table = EndpointTable.of(protocols(), PathRules.of(allowPaths, ignorePaths));
    return tenantInPath ? table.withTenantPaths(AsciiString.of(tenantHeader).toLowerCase()) : table;
  }
}
