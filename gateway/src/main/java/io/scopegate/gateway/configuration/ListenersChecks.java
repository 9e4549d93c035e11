package io.scopegate.gateway.configuration;

import io.scopegate.config.HostPort;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.access.TenancyConfig;
import io.scopegate.gateway.answer.CorsConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.RouteConfig;
import io.scopegate.gateway.route.PathPattern;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.tls.TlsConfig;
import io.scopegate.gateway.tls.TlsContexts;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks of {@code listeners}, with the address of {@code admin}. */
final class ListenersChecks {
  private static final KeyPath LISTENERS = KeyPath.of("listeners");
  private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::");

  private static final Pattern ORIGIN =
      Pattern.compile("[a-z][a-z0-9+.-]*://([a-z0-9_.-]+|\\[[0-9a-f:]+])(:[1-9][0-9]{0,4})?");
  private static final Pattern DEFAULT_PORT = Pattern.compile("http://.*:80|https://.*:443");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

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
    config.listeners().forEach((name, listener) -> check(LISTENERS.key(name), listener));
    checkAddress(KeyPath.of("admin", "address"), config.admin().address());
  }

  private void check(KeyPath path, ListenerConfig listener) {
    checkAddress(path.key("address"), listener.address());
    checkTls(path.key("tls"), listener.tls());
    boolean pair = listener.serves() != null || listener.upstream() != null;
    checkPaths(path, listener);
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
          path.key("routes"), "routes beside serves or upstream", "one of the two forms");
    }
    checkRoutes(path, listener);
    checkCors(path.key("cors"), listener.cors());
    if (listener.grpcWeb() && listener.serves(Protocol.PROXY)) {
      loaded.problem(
          path.key("grpcWeb"), true, "false with serves: [proxy], which changes nothing");
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
      if (!TOKEN.matcher(header).matches()) {
        loaded.problem(path.key("headers").index(i), header, "the name of a header");
      }
    }
  }

  private void checkAnyOrigin(KeyPath path, CorsConfig cors) {
    if (cors.origins().size() > 1) {
      loaded.problem(path, CorsConfig.ANY, "* alone, or origins");
    }
    if (cors.credentials()) {
      loaded.problem(path, CorsConfig.ANY, "origins, with cors.credentials");
    }
  }

  /** A path is looked at before anything else, so it must be the first that counts. */
  private void checkTenantInPath(KeyPath path, ListenerConfig listener) {
    boolean served =
        listener.effectiveRoutes().stream()
            .flatMap(route -> route.serves().stream())
            .anyMatch(Protocol::reachableByTenantPath);
    if (!served) {
      loaded.problem(path, true, "false without otlp-http, tempo-query or tempo-overrides");
    }
    List<TenancyConfig.Source> sources = config.tenancy().source();
    if (sources.isEmpty() || sources.get(0) != TenancyConfig.Source.HEADER) {
      loaded.problem(path, true, "false, or header as the first of tenancy.source");
    }
  }

  private void checkHealth(KeyPath path, ListenerConfig listener) {
    if (listener.serves() != null && listener.serves().size() > 1) {
      loaded.problem(path.key("serves"), "health and others", "health on a listener of its own");
    }
    if (listener.upstream() != null || listener.routes() != null) {
      loaded.problem(
          path.key(listener.upstream() != null ? "upstream" : "routes"),
          "somewhere to forward to",
          "null, for serves: [health] forwards nothing");
    }
  }

  private void checkPaths(KeyPath path, ListenerConfig listener) {
    checkPatterns(path.key("allowPaths"), listener.allowPaths(), listener);
    checkPatterns(path.key("ignorePaths"), listener.ignorePaths(), listener);
    if (!listener.allowPaths().isEmpty() && !listener.ignorePaths().isEmpty()) {
      loaded.problem(
          path.key("ignorePaths"), "allowPaths and ignorePaths", "one of them for a listener");
    }
  }

  private void checkPatterns(KeyPath path, List<String> patterns, ListenerConfig listener) {
    if (!patterns.isEmpty() && !listener.serves(Protocol.PROXY)) {
      loaded.problem(path, "patterns", "[], or serves: [proxy] beside them");
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
        loaded.problem(path, one.label() + " twice", "once for a port");
      }
    }
    if (seen.contains(Protocol.HEALTH)) {
      loaded.problem(path, "health", "health on a listener of its own, without routes");
    }
    if (seen.contains(Protocol.PROXY) && seen.size() > 1) {
      loaded.problem(path, "proxy and others", "proxy alone on its listener");
    }
    if (seen.contains(Protocol.GENERIC_READ) && seen.contains(Protocol.GENERIC_WRITE)) {
      loaded.problem(path, "generic-read and generic-write", "one of them, for both take any path");
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
        loaded.problem(path, address, "an address other than that of " + other);
      }
    });
    addresses.put(path, address);
  }

  private static boolean collide(HostPort a, HostPort b) {
    boolean sameHost =
        a.host().equalsIgnoreCase(b.host())
            || WILDCARDS.contains(a.host())
            || WILDCARDS.contains(b.host());
    return a.port() != 0 && a.port() == b.port() && sameHost;
  }

  private void checkTls(KeyPath path, TlsConfig tls) {
    if (tls.mode() == TlsConfig.Mode.DISABLED) {
      if (tls.clearTextTokens() != TlsConfig.ClearTextTokens.ALLOW) {
        loaded.problem(
            path.key("clearTextTokens"),
            tls.clearTextTokens().name().toLowerCase(Locale.ROOT),
            "allow where tls.mode is disabled, since nothing else is spoken there");
      }
      return;
    }
    for (int i = 0; i < tls.cipherSuites().size(); i++) {
      if (!TlsContexts.SUITES.contains(tls.cipherSuites().get(i))) {
        loaded.problem(
            path.key("cipherSuites").index(i),
            tls.cipherSuites().get(i),
            "one of " + String.join(", ", TlsContexts.SUITES));
      }
    }
    TlsChecks certificates = new TlsChecks(loaded);
    certificates.checkAuthorities(path.key("clientCaFile"), tls.clientCaFile());
    if (tls.selfSigned()) {
      checkSelfSigned(path, tls);
      return;
    }
    boolean single = tls.certificateFile() != null || tls.keyFile() != null;
    if (tls.certificateFile() == null && (single || tls.certificates().isEmpty())) {
      certificates.missing(path.key("certificateFile"));
    }
    if (tls.keyFile() == null && (single || tls.certificates().isEmpty())) {
      certificates.missing(path.key("keyFile"));
    }
    certificates.checkServer(path, tls);
  }

  private void checkSelfSigned(KeyPath path, TlsConfig tls) {
    boolean read = tls.certificateFile() != null || tls.keyFile() != null;
    if (read || !tls.certificates().isEmpty()) {
      loaded.problem(path.key("selfSigned"), "true", "false beside certificates that are read");
    }
  }
}
