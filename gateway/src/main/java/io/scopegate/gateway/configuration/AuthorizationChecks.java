package io.scopegate.gateway.configuration;

import io.scopegate.config.ConfigLoader;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.access.AuthorizationConfig;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.ResourceAttributesConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Checks of {@code authorization}. */
final class AuthorizationChecks {
  private static final KeyPath ROOT = KeyPath.of("authorization");
  private static final KeyPath ATTRIBUTES = ROOT.key("resourceAttributes");
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

  /** With one verb for both and nothing else that differs, the right to read is that to write. */
  private static void checkOperations(AuthorizationConfig config, Loaded<?> loaded) {
    String read = config.verbs().read();
    if (read.equals(config.verbs().write())
        && !tellsApart(templates(config.effectiveResourceAttributes()), "{operation}")) {
      loaded.problem(
          ROOT.key("verbs").key("write"),
          read,
          "another verb than that of read, or {operation} in an attribute other than apiVersion");
    }
  }

  /** RBAC does not look at the version, so what differs there only does not differ. */
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
          "attributes without {tenant}",
          "{tenant} in one of them other than apiVersion, which RBAC ignores");
    }
    if (templates.getOrDefault("resource", "").isEmpty()) {
      loaded.problem(ATTRIBUTES.key("resource"), "", "a resource");
    }
  }

  /** The other mappings fill the attributes, so that values of one's own would have no effect. */
  private static void checkUnused(
      Map<String, String> filled, AuthorizationConfig config, Loaded<?> loaded) {
    Map<String, String> defaults = templates(ConfigLoader.defaults(ResourceAttributesConfig.class));
    templates(config.resourceAttributes())
        .forEach((name, given) -> {
          if (!given.equals(filled.get(name)) && !given.equals(defaults.get(name))) {
            loaded.problem(
                ATTRIBUTES.key(name), given, "the default, or mapping: custom beside it");
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
}
