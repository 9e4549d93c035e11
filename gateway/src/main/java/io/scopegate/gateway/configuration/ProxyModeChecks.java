package io.scopegate.gateway.configuration;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.access.AuthorizationConfig;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.RewritesConfig;
import io.scopegate.gateway.access.StaticRule;
import io.scopegate.gateway.forward.IdentityHeadersConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.route.Protocol;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks of a gateway that proxies. It has no tenants, so that it either proxies on all of its
 * listeners or on none.
 */
final class ProxyModeChecks {
  private static final KeyPath AUTHORIZATION = KeyPath.of("authorization");
  private static final KeyPath IDENTITY = KeyPath.of("forwarding", "identityHeaders");
  private static final int MOST_SEPARATOR_CHARS = 16;

  /** RFC 9110, section 5.6.2: a token. */
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}");

  private ProxyModeChecks() {}

  /** Whether requests are proxied, on one listener at least. */
  static boolean isProxying(GatewayConfig config) {
    return config.listeners().values().stream().anyMatch(l -> l.serves(Protocol.PROXY));
  }

  static void check(GatewayConfig config, Loaded<?> loaded) {
    boolean proxying = isProxying(config);
    if (proxying) {
      checkAll(config.listeners(), loaded);
    }
    checkAuthorization(config.authorization(), proxying, loaded);
    if (config.tenancy().forwardUnreviewed() && !proxying) {
      loaded.problem(
          KeyPath.of("tenancy", "forwardUnreviewed"), "true", "false, or serves: [proxy]");
    }
    checkIdentityHeaders(config.forwarding().identityHeaders(), config, loaded);
  }

  private static void checkAll(Map<String, ListenerConfig> listeners, Loaded<?> loaded) {
    listeners.forEach((name, listener) -> {
      if (!listener.serves(Protocol.PROXY) && !listener.isHealth()) {
        KeyPath path = KeyPath.of("listeners", name);
        loaded.problem(
            loaded.isGiven(path.key("serves")) ? path.key("serves") : path,
            "something for tenants",
            "proxy or health, for another listener proxies, which knows no tenants");
      }
    });
  }

  private static void checkAuthorization(
      AuthorizationConfig config, boolean proxying, Loaded<?> loaded) {
    Mapping mapping = config.mapping();
    if (proxying && mapping != Mapping.CUSTOM && mapping != Mapping.NON_RESOURCE) {
      loaded.problem(
          AUTHORIZATION.key("mapping"),
          "a mapping of tenants",
          "custom or non-resource beside serves: [proxy]");
    }
    if (!proxying && mapping == Mapping.NON_RESOURCE) {
      loaded.problem(
          AUTHORIZATION.key("mapping"), "non-resource", "another, or serves: [proxy] beside it");
    }
    checkRewrites(config, proxying, loaded);
    List<StaticRule> rules = config.staticRules();
    for (int i = 0; i < rules.size(); i++) {
      checkRule(AUTHORIZATION.key("static").index(i), rules.get(i), proxying, loaded);
    }
  }

  private static void checkRewrites(
      AuthorizationConfig config, boolean proxying, Loaded<?> loaded) {
    RewritesConfig rewrites = config.rewrites();
    KeyPath path = AUTHORIZATION.key("rewrites");
    if (rewrites == null) {
      return;
    }
    if (!proxying || config.mapping() != Mapping.CUSTOM) {
      loaded.problem(path, "rewrites", "null, or serves: [proxy] and mapping: custom beside it");
    } else if (rewrites.header() == null && rewrites.query() == null) {
      loaded.problem(path, "nothing", "header, query or both");
    }
    checkHeader(path.key("header"), rewrites.header(), loaded);
    if (rewrites.query() != null && rewrites.query().isEmpty()) {
      loaded.problem(path.key("query"), "", "the name of a parameter");
    }
  }

  private static void checkRule(KeyPath path, StaticRule rule, boolean proxying, Loaded<?> loaded) {
    if (proxying && rule.review() == null) {
      loaded.problem(path, "a rule for tenants", "review, for nothing here is for a tenant");
    } else if (!proxying && rule.review() != null) {
      loaded.problem(path.key("review"), "a review", "tenants and operations, or serves: [proxy]");
    } else if (proxying && !(rule.tenants().isEmpty() && rule.operations().isEmpty())) {
      loaded.problem(path, "review beside tenants or operations", "review alone");
    }
  }

  private static void checkIdentityHeaders(
      @Nullable IdentityHeadersConfig config, GatewayConfig all, Loaded<?> loaded) {
    if (config == null) {
      return;
    }
    checkOwnHeader(IDENTITY.key("user"), config.user(), all, loaded);
    checkOwnHeader(IDENTITY.key("groups"), config.groups(), all, loaded);
    if (config.user().equalsIgnoreCase(config.groups())) {
      loaded.problem(IDENTITY.key("groups"), config.groups(), "another header than that of user");
    }
    String separator = config.separator();
    if (separator.isEmpty()
        || separator.length() > MOST_SEPARATOR_CHARS
        || !separator.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      loaded.problem(IDENTITY.key("separator"), separator, "1 to 16 visible characters of ASCII");
    }
  }

  private static void checkOwnHeader(
      KeyPath path, String name, GatewayConfig all, Loaded<?> loaded) {
    checkHeader(path, name, loaded);
    if (TenancyChecks.hasMeaning(name) || name.equalsIgnoreCase(all.tenancy().header())) {
      loaded.problem(path, name, "the name of a header of its own");
    }
  }

  private static void checkHeader(KeyPath path, @Nullable String name, Loaded<?> loaded) {
    if (name != null && !HEADER.matcher(name).matches()) {
      loaded.problem(path, name, "the name of a header");
    }
  }
}
