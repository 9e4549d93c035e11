package io.scopegate.gateway.configuration;

import io.scopegate.authz.KubernetesConfig;
import io.scopegate.authz.OidcConfig;
import io.scopegate.config.HostPort;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.access.Enforcement;
import io.scopegate.gateway.limit.TenantLimits;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.RouteConfig;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.tls.TlsConfig;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is valid and may be meant, but is more often a mistake, or not safe. A warning never keeps a
 * gateway from starting.
 */
final class Warnings {
  private static final String OPEN =
      "requests without a right are forwarded, and only logged: anyone can read and write every"
          + " tenant";

  private static final String UNLIMITED =
      "requests over the limits of their tenants are forwarded, and only logged";

  private final GatewayConfig config;
  private final Loaded<?> loaded;

  private Warnings(GatewayConfig config, Loaded<?> loaded) {
    this.config = config;
    this.loaded = loaded;
  }

  static void check(GatewayConfig config, Loaded<?> loaded) {
    Warnings warnings = new Warnings(config, loaded);
    warnings.unusedUpstreams();
    if (loaded.isGiven(KeyPath.of("listeners"))) {
      config.listeners().forEach(warnings::listener);
    } else {
      warnings.defaultListeners();
    }
    warnings.enforcement();
    warnings.limits();
    warnings.issuers();
  }

  /** Nothing is worse than a gate that everybody believes to be closed. */
  private void enforcement() {
    KeyPath all = KeyPath.of("authorization", "enforce");
    if (config.authorization().enforce() == Enforcement.AUDIT) {
      loaded.warning(all, "audit", OPEN, "deny, as soon as all callers have their rights");
    }
    config
        .listeners()
        .forEach((name, listener) -> {
          if (listener.enforce() == Enforcement.AUDIT) {
            loaded.warning(
                KeyPath.of("listeners", name).key("enforce"),
                "audit",
                OPEN,
                "deny, as soon as all callers have their rights");
          }
        });
  }

  private void unusedUpstreams() {
    if (config.upstreams() == null) {
      return;
    }
    Set<String> used =
        config.listeners().values().stream()
            .flatMap(listener -> listener.effectiveRoutes().stream())
            .map(RouteConfig::upstream)
            .collect(Collectors.toSet());
    for (String name : config.upstreams().keySet()) {
      if (!used.contains(name)) {
        loaded.warning(
            KeyPath.of("upstreams", name),
            "",
            "no listener leads to this upstream",
            "a listener with upstream: " + name + ", or no such upstream");
      }
    }
  }

  /** They are not in the file, so one line is enough. */
  private void defaultListeners() {
    List<String> clear =
        config.listeners().values().stream()
            .filter(Warnings::takesTokensInClearText)
            .map(listener -> listener.address().toString())
            .toList();
    if (!clear.isEmpty()) {
      loaded.warning(
          KeyPath.of("tls"),
          "",
          "the default listeners take tokens in clear text on "
              + String.join(", ", clear)
              + ", where others can read them",
          "tls.certificateFile and tls.keyFile");
    }
  }

  /** A proxy's are not meant: {@code grpcWeb} is an error there. */
  private static boolean servesCalls(ListenerConfig listener) {
    return Stream.of(Protocol.values())
        .anyMatch(p -> p.hasCalls() && p != Protocol.PROXY && listener.serves(p));
  }

  private void listener(String name, ListenerConfig listener) {
    KeyPath path = KeyPath.of("listeners", name);
    if (listener.grpcWeb() && !servesCalls(listener)) {
      loaded.warning(
          path.key("grpcWeb"), "true", "has no effect, since it serves no gRPC", "false");
    }
    if (takesTokensInClearText(listener)) {
      loaded.warning(
          path,
          "",
          "takes tokens in clear text on " + listener.address() + ", where others can read them",
          listener.tls().mode() == TlsConfig.Mode.DISABLED
              ? "tls.certificateFile and tls.keyFile, or an address on 127.0.0.1"
              : "tls.clearTextTokens: refuse, or tls.mode: required");
    }
  }

  /** Whether a token may be sent to it in clear text from another machine. */
  static boolean takesTokensInClearText(ListenerConfig listener) {
    if (listener.isHealth() || isLoopback(listener.address())) {
      return false;
    }
    return listener.tls().mode() == TlsConfig.Mode.DISABLED
        || listener.tls().mode() == TlsConfig.Mode.OPTIONAL
            && listener.tls().clearTextTokens() != TlsConfig.ClearTextTokens.REFUSE;
  }

  private static boolean isLoopback(HostPort address) {
    String host = address.host();
    return host.equalsIgnoreCase("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  // ---- limits

  private void limits() {
    KeyPath root = KeyPath.of("limits");
    if (config.limits().enforce() == Enforcement.AUDIT) {
      loaded.warning(
          root.key("enforce"), "audit", UNLIMITED, "deny, as soon as the limits are right");
    }
    TenantLimits defaults = config.limits().defaults();
    burst(root.key("defaults"), defaults, defaults);
    config
        .limits()
        .tenants()
        .forEach((name, own) -> burst(root.key("tenants").key(name), own, own.over(defaults)));
  }

  private void burst(KeyPath path, TenantLimits own, TenantLimits merged) {
    boolean ownOfThese = own.ingestBurst() != null || own.maxRequestBytes() != null;
    if (ownOfThese
        && merged.ingestBurst() != null
        && merged.maxRequestBytes() != null
        && merged.ingestBurst().bytes() < merged.maxRequestBytes().bytes()) {
      loaded.warning(
          path.key(own.ingestBurst() != null ? "ingestBurst" : "maxRequestBytes"),
          own.ingestBurst() != null ? merged.ingestBurst() : merged.maxRequestBytes(),
          "ingestBurst is smaller than maxRequestBytes, so requests between the two never pass",
          "ingestBurst: " + merged.maxRequestBytes());
    }
  }

  // ---- issuers

  /** A user of an issuer may have the name of a user who is known otherwise. */
  private void issuers() {
    List<OidcConfig> issuers = config.authentication().oidc();
    boolean rules =
        config.authorization().staticRules().stream().anyMatch(rule -> rule.user() != null);
    boolean others =
        rules
            || TlsChecks.takesCertificates(config)
            || config.authentication().otherSources().size() > 1
            || issuers.size() > 1
            || config.authentication().kubernetes().mode() != KubernetesConfig.Mode.OFF;
    for (int i = 0; i < issuers.size(); i++) {
      if (issuers.get(i).usernamePrefix().isEmpty() && others) {
        loaded.warning(
            KeyPath.of("authentication", "oidc").index(i).key("usernamePrefix"),
            "",
            "empty, so a user of "
                + issuers.get(i).issuer()
                + " may have the name, and with it"
                + " the rights, of a user who is authenticated in another way",
            "usernamePrefix: \"sso:\"");
      }
    }
  }
}
