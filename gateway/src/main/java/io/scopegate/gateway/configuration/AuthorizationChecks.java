package io.scopegate.gateway.configuration;

import io.scopegate.authz.KubernetesConfig;
import io.scopegate.config.ConfigLoader;
import io.scopegate.config.HeaderNames;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.access.AuthorizationConfig;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.ResourceAttributesConfig;
import io.scopegate.gateway.access.RewritesConfig;
import io.scopegate.gateway.access.StaticRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks of {@code authorization}. */
final class AuthorizationChecks {
  private static final KeyPath ROOT = KeyPath.of("authorization");
  private static final KeyPath ATTRIBUTES = ROOT.key("resourceAttributes");
  private static final KeyPath RULES = ROOT.key("static");
  private static final String ANY_TENANT = "*";
  private static final Pattern BRACES = Pattern.compile("\\{([^{}]*)\\}|[{}]");

  private AuthorizationChecks() {}

  static void check(GatewayConfig all, Loaded<?> loaded) {
    AuthorizationConfig config = all.authorization();
    boolean proxying = ProxyModeChecks.isProxying(all);
    KeyPath verbs = ROOT.key("verbs");
    checkVerb(verbs.key("read"), config.verbs().read(), loaded);
    checkVerb(verbs.key("write"), config.verbs().write(), loaded);
    checkVerb(verbs.key("admin"), config.verbs().admin(), loaded);
    Map<String, String> templates = templates(config.resourceAttributes());
    if (config.mapping() == Mapping.CUSTOM) {
      List<String> allowed =
          proxying
              ? ResourceAttributesConfig.PROXIED_PLACEHOLDERS
              : ResourceAttributesConfig.PLACEHOLDERS;
      templates.forEach(
          (name, template) -> checkTemplate(ATTRIBUTES.key(name), template, allowed, loaded));
      checkCustom(templates, proxying, loaded);
    } else if (config.mapping() == Mapping.NON_RESOURCE) {
      checkUnused(templates(ConfigLoader.defaults(ResourceAttributesConfig.class)), config, loaded);
    } else {
      checkUnused(templates(config.effectiveResourceAttributes()), config, loaded);
    }
    if (!proxying) {
      checkOperations(config, loaded);
    }
    checkRewrites(config.rewrites(), loaded);
    List<StaticRule> rules = config.staticRules();
    for (int i = 0; i < rules.size(); i++) {
      checkRule(RULES.index(i), rules.get(i), loaded);
    }
    if (all.authentication().kubernetes().mode() == KubernetesConfig.Mode.OFF) {
      checkWithoutKubernetes(config, proxying, loaded);
    }
  }

  private static void checkVerb(KeyPath path, String verb, Loaded<?> loaded) {
    if (!verb.matches("[a-z*]+")) {
      loaded.problem(path, verb, "a verb in lower case, such as get");
    }
  }

  private static void checkTemplate(
      KeyPath path, String template, List<String> allowed, Loaded<?> loaded) {
    Matcher matcher = BRACES.matcher(template);
    while (matcher.find()) {
      String name = matcher.group(1);
      if (name == null || !allowed.contains(name)) {
        String last = "{" + allowed.get(allowed.size() - 1) + "}";
        String others =
            allowed.subList(0, allowed.size() - 1).stream()
                .map(one -> "{" + one + "}")
                .collect(Collectors.joining(", "));
        loaded.problem(path, template, others + " or " + last);
        return;
      }
    }
  }

  /**
   * With one verb for both and no other difference, the right to read is also the right to write.
   */
  private static void checkOperations(AuthorizationConfig config, Loaded<?> loaded) {
    String read = config.verbs().read();
    if (read.equals(config.verbs().write())
        && !tellsApart(templates(config.effectiveResourceAttributes()), "{operation}")) {
      loaded.problem(
          ROOT.key("verbs").key("write"),
          read,
          "is the verb of read, so who may read may write",
          "another verb, or {operation} in an attribute other than apiVersion");
    }
  }

  /** RBAC ignores the version, so attributes that differ only there are equal. */
  private static boolean tellsApart(Map<String, String> templates, String placeholder) {
    return templates.entrySet().stream()
        .anyMatch(e -> !e.getKey().equals("apiVersion") && e.getValue().contains(placeholder));
  }

  /** Without the tenant in it, one right would open every tenant. */
  private static void checkCustom(
      Map<String, String> templates, boolean proxying, Loaded<?> loaded) {
    if (!proxying && !tellsApart(templates, "{tenant}")) {
      loaded.problem(
          ATTRIBUTES,
          "",
          "{tenant} is in none of them, or in apiVersion only, which RBAC ignores",
          "{tenant} in another one");
    }
    if (templates.getOrDefault("resource", "").isEmpty()) {
      loaded.problem(ATTRIBUTES.key("resource"), "", "a resource, such as traces");
    }
  }

  /** The other mappings set the attributes, so configured values would have no effect. */
  private static void checkUnused(
      Map<String, String> filled, AuthorizationConfig config, Loaded<?> loaded) {
    Map<String, String> defaults = templates(ConfigLoader.defaults(ResourceAttributesConfig.class));
    templates(config.resourceAttributes())
        .forEach((name, given) -> {
          if (!given.equals(filled.get(name)) && !given.equals(defaults.get(name))) {
            loaded.problem(
                ATTRIBUTES.key(name),
                given,
                "is never used with mapping: " + text(config.mapping()),
                "mapping: custom, or no value here");
          }
        });
  }

  private static Map<String, String> templates(ResourceAttributesConfig config) {
    Map<String, String> templates = new LinkedHashMap<>();
    templates.put("apiGroup", config.apiGroup());
    templates.put("apiVersion", config.apiVersion());
    templates.put("resource", config.resource());
    templates.put("subresource", config.subresource());
    templates.put("name", config.name());
    templates.put("namespace", config.namespace());
    return templates;
  }

  private static void checkRewrites(@Nullable RewritesConfig rewrites, Loaded<?> loaded) {
    if (rewrites == null) {
      return;
    }
    KeyPath path = ROOT.key("rewrites");
    String header = rewrites.header();
    if (header == null && rewrites.query() == null) {
      loaded.problem(path, "", "neither header nor query", "header, query or both");
    }
    if (header != null && !HeaderNames.isToken(header)) {
      loaded.problem(path.key("header"), header, "the name of a header");
    }
    if (rewrites.query() != null && rewrites.query().isEmpty()) {
      loaded.problem(path.key("query"), "", "the name of a parameter");
    }
  }

  // ---- static rules

  private static void checkRule(KeyPath path, StaticRule rule, Loaded<?> loaded) {
    checkSubject(path, rule, loaded);
    if (rule.review() != null) {
      return;
    }
    checkTenants(path.key("tenants"), rule.tenants(), loaded);
    if (rule.operations().isEmpty()) {
      loaded.problem(path.key("operations"), "[]", "at least one operation");
    }
  }

  private static void checkSubject(KeyPath path, StaticRule rule, Loaded<?> loaded) {
    Map<String, String> named = new LinkedHashMap<>();
    put(named, "user", rule.user());
    put(named, "group", rule.group());
    put(named, "serviceAccount", rule.serviceAccount());
    if (named.isEmpty()) {
      loaded.problem(path, "", "names nobody", "one of user, group and serviceAccount");
    } else if (named.size() > 1) {
      loaded.problem(
          path,
          "",
          "names " + String.join(" and ", named.keySet()),
          "exactly one of them; write a rule for each");
    }
    checkName(path.key("user"), rule.user(), loaded);
    checkName(path.key("group"), rule.group(), loaded);
    String account = rule.serviceAccount();
    if (account != null && !account.matches("[a-z0-9-]{1,63}/[a-z0-9.-]{1,253}")) {
      loaded.problem(path.key("serviceAccount"), account, "namespace/name");
    }
  }

  private static void put(Map<String, String> named, String key, @Nullable String value) {
    if (value != null) {
      named.put(key, value);
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

  /** Static rules alone decide. */
  private static void checkWithoutKubernetes(
      AuthorizationConfig config, boolean proxying, Loaded<?> loaded) {
    if (config.staticRules().isEmpty()) {
      loaded.problem(
          RULES, "[]", "grants nothing, and kubernetes.mode is off", "at least one rule");
    }
    if (config.mapping() != Mapping.TEMPO_OPERATOR && !proxying) {
      loaded.problem(
          ROOT.key("mapping"),
          text(config.mapping()),
          "is never used while kubernetes.mode is off",
          "no mapping, or another mode");
    }
  }

  /** A mapping as it is written. */
  static String text(Mapping mapping) {
    return mapping.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
