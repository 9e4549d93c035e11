package io.scopegate.gateway.configuration;

import io.scopegate.config.HeaderNames;
import io.scopegate.config.HostPort;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.access.TenancyConfig;
import io.scopegate.gateway.answer.CorsConfig;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.RouteConfig;
import io.scopegate.gateway.route.PathPattern;
import io.scopegate.gateway.route.Protocol;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks of {@code listeners}. */
final class ListenersChecks {
  private static final KeyPath LISTENERS = KeyPath.of("listeners");
  private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::");

  private static final Pattern ORIGIN =
      Pattern.compile("[a-z][a-z0-9+.-]*://([a-z0-9_.-]+|\\[[0-9a-f:]+])(:[1-9][0-9]{0,4})?");
  private static final Pattern DEFAULT_PORT = Pattern.compile("http://.*:80|https://.*:443");

  private final GatewayConfig config;
  private final Loaded<?> loaded;
  private final Map<KeyPath, HostPort> addresses = new LinkedHashMap<>();

  private ListenersChecks(GatewayConfig config, Loaded<?> loaded) {
    this.config = config;
    this.loaded = loaded;
  }

  static void check(GatewayConfig config, Loaded<?> loaded) {
    new ListenersChecks(config, loaded).check();
  }

  private void check() {
    if (config.listeners().isEmpty()) {
      loaded.problem(LISTENERS, "{}", "at least one listener");
    }
    if (!checkDefaults()) {
      return;
    }
    config.listeners().forEach((name, listener) -> check(LISTENERS.key(name), listener));
  }

  /**
   * The default listeners are not in the file, so what they lack is reported once, where it is
   * missing.
   */
  private boolean checkDefaults() {
    Map<String, UpstreamConfig> given = config.upstreams();
    if (loaded.isGiven(LISTENERS) || given == null) {
      return true;
    }
    KeyPath upstreams = KeyPath.of("upstreams");
    List<String> missing =
        config.listeners().values().stream()
            .flatMap(listener -> listener.effectiveRoutes().stream())
            .map(RouteConfig::upstream)
            .filter(name -> !given.containsKey(name) && !loaded.isGiven(upstreams.key(name)))
            .distinct()
            .toList();
    if (!missing.isEmpty()) {
      loaded.problem(
          upstreams,
          "",
          "the default listeners need " + String.join(", ", missing),
          "upstreams of these names, or listeners of your own");
    }
    return missing.isEmpty();
  }

  private void check(KeyPath path, ListenerConfig listener) {
    checkAddress(path.key("address"), listener.address());
    TlsChecks.checkListener(path.key("tls"), listener.tls(), loaded);
    boolean pair = listener.serves() != null || listener.upstream() != null;
    checkPaths(path, listener);
    PathAliasChecks.check(path.key("pathAliases"), listener, config.tenancy().header(), loaded);
    if (listener.isHealth()) {
      checkHealth(path, listener);
      return;
    }
    if (listener.routes() == null) {
      if (listener.serves() == null) {
        loaded.problem(path.key("serves"), "missing", "serves and upstream, or routes");
      } else if (listener.upstream() == null) {
        loaded.problem(path.key("upstream"), "missing", expectedUpstream());
      }
    } else if (pair) {
      loaded.problem(
          path.key("routes"),
          "",
          "given together with serves or upstream",
          "routes, or serves and upstream");
    }
    checkRoutes(path, listener);
    checkCors(path.key("cors"), listener.cors());
    checkHealthPaths(path.key("health").key("paths"), listener.health().paths());
    if (listener.grpcWeb() && listener.serves(Protocol.PROXY)) {
      loaded.problem(path.key("grpcWeb"), "true", "has no effect with serves: [proxy]", "false");
    }
    if (listener.tenantInPath()) {
      checkTenantInPath(path.key("tenantInPath"), listener);
    }
  }

  private void checkCors(KeyPath path, CorsConfig cors) {
    List<String> origins = cors.origins();
    for (int i = 0; i < origins.size(); i++) {
      String origin = origins.get(i);
      KeyPath at = path.key("origins").index(i);
      if (origin.equals(CorsConfig.ANY)) {
        checkAnyOrigin(at, cors);
      } else if (!ORIGIN.matcher(origin).matches() || DEFAULT_PORT.matcher(origin).matches()) {
        loaded.problem(at, origin, "an origin as browsers write it, such as https://shop.example");
      }
    }
    for (int i = 0; i < cors.headers().size(); i++) {
      String header = cors.headers().get(i);
      if (!HeaderNames.isToken(header)) {
        loaded.problem(path.key("headers").index(i), header, "the name of a header");
      }
    }
  }

  private void checkAnyOrigin(KeyPath path, CorsConfig cors) {
    if (cors.origins().size() > 1) {
      loaded.problem(path, "*", "together with other origins", "* alone");
    }
    if (cors.credentials()) {
      loaded.problem(
          path, "*", "cannot be combined with cors.credentials", "the origins themselves");
    }
  }

  /** The path comes before all other sources of the tenant, so header must be the first of them. */
  private void checkTenantInPath(KeyPath path, ListenerConfig listener) {
    boolean served =
        listener.effectiveRoutes().stream()
            .flatMap(route -> route.serves().stream())
            .anyMatch(Protocol::reachableByTenantPath);
    if (!served) {
      loaded.problem(
          path, "true", "has no effect without otlp-http, tempo-query or tempo-overrides", "false");
    }
    List<TenancyConfig.Source> sources = config.tenancy().source();
    if (sources.isEmpty() || sources.get(0) != TenancyConfig.Source.HEADER) {
      loaded.problem(
          path,
          "true",
          "needs header as the first of tenancy.source",
          "false, or another order there");
    }
  }

  private void checkHealth(KeyPath path, ListenerConfig listener) {
    if (listener.serves() != null && listener.serves().size() > 1) {
      loaded.problem(
          path.key("serves"), "", "health together with others", "health on a listener of its own");
    }
    if (listener.upstream() != null || listener.routes() != null) {
      loaded.problem(
          path.key(listener.upstream() != null ? "upstream" : "routes"),
          "",
          "given, but serves: [health] forwards nothing",
          "null");
    }
  }

  private void checkHealthPaths(KeyPath path, List<String> paths) {
    for (int i = 0; i < paths.size(); i++) {
      String one = paths.get(i);
      if (!one.startsWith("/") || one.indexOf('?') >= 0) {
        loaded.problem(path.index(i), one, "a path without a query, such as /healthz");
      }
    }
  }

  private void checkPaths(KeyPath path, ListenerConfig listener) {
    checkPatterns(path.key("allowPaths"), listener.allowPaths(), listener);
    checkPatterns(path.key("ignorePaths"), listener.ignorePaths(), listener);
    if (!listener.allowPaths().isEmpty() && !listener.ignorePaths().isEmpty()) {
      loaded.problem(
          path.key("ignorePaths"), "", "given together with allowPaths", "only one of the two");
    }
  }

  private void checkPatterns(KeyPath path, List<String> patterns, ListenerConfig listener) {
    if (!patterns.isEmpty() && !listener.serves(Protocol.PROXY)) {
      loaded.problem(path, "", "patterns need serves: [proxy]", "[]");
    }
    for (int i = 0; i < patterns.size(); i++) {
      try {
        PathPattern.parse(patterns.get(i));
      } catch (IllegalArgumentException e) {
        loaded.problem(path.index(i), patterns.get(i), "a pattern, such as /api/*");
      }
    }
  }

  private void checkRoutes(KeyPath path, ListenerConfig listener) {
    Set<Protocol> seen = EnumSet.noneOf(Protocol.class);
    List<RouteConfig> routes = listener.effectiveRoutes();
    boolean listed = listener.routes() != null;
    if (routes.isEmpty() && listed) {
      loaded.problem(path.key("routes"), "[]", "at least one route");
    }
    for (int i = 0; i < routes.size(); i++) {
      KeyPath at = listed ? path.key("routes").index(i) : path;
      checkServes(at.key("serves"), routes.get(i).serves(), seen);
      checkUpstream(at.key("upstream"), routes.get(i).upstream());
    }
  }

  private void checkServes(KeyPath path, List<Protocol> serves, Set<Protocol> seen) {
    if (serves.isEmpty()) {
      loaded.problem(path, "[]", "at least one protocol");
    }
    for (Protocol one : serves) {
      if (!seen.add(one)) {
        loaded.problem(path, one.label(), "twice", "each protocol once");
      }
    }
    if (seen.contains(Protocol.HEALTH)) {
      loaded.problem(
          path, "", "health in routes", "health on a listener of its own, without routes");
    }
    if (seen.contains(Protocol.PROXY) && seen.size() > 1) {
      loaded.problem(path, "", "proxy together with others", "proxy alone on its listener");
    }
    if (seen.contains(Protocol.GENERIC_READ) && seen.contains(Protocol.GENERIC_WRITE)) {
      loaded.problem(
          path, "", "generic-read and generic-write, which both take any path", "one of them");
    }
  }

  private void checkUpstream(KeyPath path, String upstream) {
    boolean broken = loaded.isGiven(KeyPath.of("upstreams", upstream));
    boolean tempoBroken = config.upstreams() == null && config.tempo() == null;
    if (!config.effectiveUpstreams().containsKey(upstream) && !broken && !tempoBroken) {
      loaded.problem(path, upstream, expectedUpstream());
    }
  }

  private String expectedUpstream() {
    return "one of " + String.join(", ", config.effectiveUpstreams().keySet());
  }

  private void checkAddress(KeyPath path, HostPort address) {
    addresses.forEach((other, taken) -> {
      if (collide(taken, address)) {
        loaded.problem(path, address, "is taken by " + other, "another address");
      }
    });
    addresses.put(path, address);
  }

  /** Whether the two cannot both be opened. */
  static boolean collide(HostPort a, HostPort b) {
    boolean sameHost =
        a.host().equalsIgnoreCase(b.host())
            || WILDCARDS.contains(a.host())
            || WILDCARDS.contains(b.host());
    return a.port() != 0 && a.port() == b.port() && sameHost;
  }
}
