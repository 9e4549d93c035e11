package io.scopegate.gateway.configuration;

import io.scopegate.authz.AuthenticationConfig;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.StaticRule;
import io.scopegate.gateway.tls.TlsConfig;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks of static rules, of client certificates, and of a gateway that never asks Kubernetes. */
final class IdentityChecks {
  private static final KeyPath RULES = KeyPath.of("authorization", "static");
  private static final KeyPath MAPPING = KeyPath.of("authorization", "mapping");
  private static final KeyPath KUBERNETES = KeyPath.of("authentication", "kubernetes");
  private static final KeyPath CLIENT_CA = KeyPath.of("tls", "clientCaFile");
  private static final String ANY_TENANT = "*";

  private IdentityChecks() {}

  static void check(GatewayConfig config, Loaded<?> loaded) {
    List<StaticRule> rules = config.authorization().staticRules();
    for (int i = 0; i < rules.size(); i++) {
      checkRule(RULES.index(i), rules.get(i), loaded);
    }
    checkUnusedAuthorities(config, loaded);
    if (config.authentication().kubernetes().mode() == KubernetesConfig.Mode.OFF) {
      checkWithoutKubernetes(config, loaded);
    } else if (config.authentication().kubernetes().mode() == KubernetesConfig.Mode.RIGHTS_ONLY) {
      checkSomebody(config, "rights-only", loaded);
    }
  }

  // ---- rules

  private static void checkRule(KeyPath path, StaticRule rule, Loaded<?> loaded) {
    long named =
        Stream.of(rule.user(), rule.group(), rule.serviceAccount())
            .filter(Objects::nonNull)
            .count();
    if (named != 1) {
      loaded.problem(
          path, named + " of user, group and serviceAccount", "one of them, for each its own rule");
    }
    checkName(path.key("user"), rule.user(), loaded);
    checkName(path.key("group"), rule.group(), loaded);
    String account = rule.serviceAccount();
    if (account != null && !account.matches("[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}")) {
      loaded.problem(path.key("serviceAccount"), account, "namespace/name");
    }
    if (rule.review() != null) {
      return;
    }
    checkTenants(path.key("tenants"), rule.tenants(), loaded);
    if (rule.operations().isEmpty()) {
      loaded.problem(path.key("operations"), "[]", "at least one operation");
    }
  }

  private static void checkName(KeyPath path, @Nullable String name, Loaded<?> loaded) {
    if (name != null && name.isBlank()) {
      loaded.problem(path, name, "a name");
    }
  }

  private static void checkTenants(KeyPath path, List<String> tenants, Loaded<?> loaded) {
    if (tenants.isEmpty()) {
      loaded.problem(path, "[]", "at least one tenant, or *");
    }
    for (int i = 0; i < tenants.size(); i++) {
      String tenant = tenants.get(i);
      if (!tenant.equals(ANY_TENANT) && !TenancyChecks.isTenant(tenant)) {
        loaded.problem(path.index(i), tenant, TenancyChecks.TENANT_EXPECTED);
      }
    }
  }

  // ---- certificates

  /** Authorities that no listener asks with are a mistake that nobody would notice. */
  private static void checkUnusedAuthorities(GatewayConfig config, Loaded<?> loaded) {
    config
        .listeners()
        .forEach((name, listener) -> {
          KeyPath own = KeyPath.of("listeners", name, "tls", "clientCaFile");
          if (loaded.isGiven(own) && !takesCertificates(listener.tls())) {
            unused(own, listener.tls(), loaded);
          }
        });
    if (config.listeners().values().stream().noneMatch(l -> takesCertificates(l.tls()))
        && loaded.isGiven(CLIENT_CA)) {
      unused(CLIENT_CA, config.tls(), loaded);
    }
  }

  private static void unused(KeyPath path, TlsConfig tls, Loaded<?> loaded) {
    if (tls.clientCaFile() != null) {
      loaded.problem(
          path, tls.clientCaFile(), "null, for tls.mode is disabled, or another mode beside it");
    }
  }

  private static boolean takesCertificates(TlsConfig tls) {
    return tls.mode() != TlsConfig.Mode.DISABLED && tls.clientCaFile() != null;
  }

  // ---- without Kubernetes

  private static void checkWithoutKubernetes(GatewayConfig config, Loaded<?> loaded) {
    AuthenticationConfig known = config.authentication();
    if (config.authorization().staticRules().isEmpty()) {
      loaded.problem(RULES, "[]", "at least one rule, for with mode: off nothing else grants");
    }
    if (config.authorization().mapping() != Mapping.TEMPO_OPERATOR
        && !ProxyModeChecks.isProxying(config)) {
      loaded.problem(MAPPING, "a mapping", "the default, for with mode: off nobody is asked");
    }
    if (known.kubernetes().kubeconfig() != null) {
      loaded.problem(
          KUBERNETES.key("kubeconfig"),
          known.kubernetes().kubeconfig(),
          "null, for with mode: off nobody is asked");
    }
    checkSomebody(config, "off", loaded);
  }

  /** Nobody could ever be known. */
  private static void checkSomebody(GatewayConfig config, String mode, Loaded<?> loaded) {
    AuthenticationConfig known = config.authentication();
    if (known.oidc().isEmpty()
        && known.staticTokens() == null
        && config.listeners().values().stream().noneMatch(l -> takesCertificates(l.tls()))) {
      loaded.problem(
          KUBERNETES.key("mode"),
          mode,
          "another way to know callers: authentication.oidc, authentication.staticTokens or"
              + " tls.clientCaFile");
    }
  }
}
