package io.scopegate.gateway.configuration;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.access.AuthorizationConfig;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.StaticRule;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.route.Protocol;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Checks of a gateway that proxies. It has no tenants, so that it either proxies on all of its
 * listeners or on none, and much of the rest suits only one of the two.
 */
final class ProxyModeChecks {
  private static final KeyPath AUTHORIZATION = KeyPath.of("authorization");
  private static final String NEEDS_PROXY = " needs a listener with serves: [proxy]";

  private ProxyModeChecks() {}

  /** Whether requests are proxied, on at least one listener. */
  static boolean isProxying(GatewayConfig config) {
    return config.listeners().values().stream().anyMatch(l -> l.serves(Protocol.PROXY));
  }

  static void check(GatewayConfig config, Loaded<?> loaded) {
    boolean proxying = isProxying(config);
    if (proxying) {
      checkListeners(config, loaded);
    }
    checkAuthorization(config.authorization(), proxying, loaded);
    if (config.tenancy().forwardUnreviewed() && !proxying) {
      loaded.problem(KeyPath.of("tenancy", "forwardUnreviewed"), "", "true" + NEEDS_PROXY, "false");
    }
  }

  private static void checkListeners(GatewayConfig config, Loaded<?> loaded) {
    String proxy =
        config.listeners().entrySet().stream()
            .filter(e -> e.getValue().serves(Protocol.PROXY))
            .map(e -> e.getKey())
            .findFirst()
            .orElseThrow();
    config
        .listeners()
        .forEach((name, listener) -> {
          if (!listener.serves(Protocol.PROXY) && !listener.isHealth()) {
            KeyPath path = KeyPath.of("listeners", name);
            loaded.problem(
                loaded.isGiven(path.key("serves")) ? path.key("serves") : path,
                served(listener),
                "cannot be combined with serves: [proxy] of listener " + proxy,
                "proxy or health");
          }
        });
  }

  private static String served(ListenerConfig listener) {
    return listener.effectiveRoutes().stream()
        .flatMap(route -> route.serves().stream())
        .map(Protocol::label)
        .distinct()
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static void checkAuthorization(
      AuthorizationConfig config, boolean proxying, Loaded<?> loaded) {
    Mapping mapping = config.mapping();
    String written = AuthorizationChecks.text(mapping);
    if (proxying && mapping != Mapping.CUSTOM && mapping != Mapping.NON_RESOURCE) {
      loaded.problem(
          AUTHORIZATION.key("mapping"),
          written,
          "is for tenants, and serves: [proxy] has none",
          "custom or non-resource");
    }
    if (!proxying && mapping == Mapping.NON_RESOURCE) {
      loaded.problem(
          AUTHORIZATION.key("mapping"),
          written + NEEDS_PROXY,
          "tempo-operator, namespaced or custom");
    }
    if (config.rewrites() != null && (!proxying || mapping != Mapping.CUSTOM)) {
      loaded.problem(
          AUTHORIZATION.key("rewrites"),
          "",
          "rewrites need serves: [proxy] and mapping: custom",
          "null");
    }
    List<StaticRule> rules = config.staticRules();
    for (int i = 0; i < rules.size(); i++) {
      checkRule(AUTHORIZATION.key("static").index(i), rules.get(i), proxying, loaded);
    }
  }

  private static void checkRule(KeyPath path, StaticRule rule, boolean proxying, Loaded<?> loaded) {
    if (proxying && rule.review() == null) {
      loaded.problem(
          path, "", "has tenants and operations, but this gateway only proxies", "review");
    } else if (!proxying && rule.review() != null) {
      loaded.problem(path.key("review"), "", "review" + NEEDS_PROXY, "tenants and operations");
    } else if (proxying && !(rule.tenants().isEmpty() && rule.operations().isEmpty())) {
      loaded.problem(path, "", "review together with tenants or operations", "review alone");
    }
  }
}
