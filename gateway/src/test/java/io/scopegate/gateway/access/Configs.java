package io.scopegate.gateway.access;

import io.scopegate.authz.DecisionCacheConfig;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.access.TenancyConfig.Source;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Configurations that several tests need. */
final class Configs {
  private static final ResourceAttributesConfig TEMPLATES =
      new ResourceAttributesConfig("tempo.grafana.com", "", "{tenant}", "", "traces", "");
  static final User INGEST = user("system:serviceaccount:payments:ingest");
  static final User JANE = user("jane");

  private Configs() {}

  static User user(String name) {
    return new User(name, "", List.of(), Map.of());
  }

  static TenancyConfig tenancy(Source... sources) {
    String claim = List.of(sources).contains(Source.CLAIM) ? "tenant" : null;
    return new TenancyConfig("X-Scope-OrgID", List.of(sources), claim, Map.of(), 16, false);
  }

  static TenancyConfig tenancy(Map<String, String> ids) {
    return new TenancyConfig(
        "X-Scope-OrgID", List.of(Source.HEADER, Source.NAMESPACE), null, ids, 16, false);
  }

  static AuthorizationConfig authorization(Mapping mapping, ResourceAttributesConfig templates) {
    return authorization(mapping, templates, List.of());
  }

  static AuthorizationConfig authorization(Mapping mapping, List<StaticRule> rules) {
    return authorization(mapping, TEMPLATES, rules);
  }

  private static AuthorizationConfig authorization(
      Mapping mapping, ResourceAttributesConfig templates, List<StaticRule> rules) {
    return new AuthorizationConfig(
        mapping,
        templates,
        null,
        new VerbsConfig("get", "create", "update"),
        new DecisionCacheConfig(
            Duration.ofMinutes(5), Duration.ofSeconds(30), Duration.ofMinutes(5), 100),
        Enforcement.DENY,
        true,
        rules);
  }

  static AuthorizationConfig authorization(Mapping mapping) {
    return authorization(mapping, TEMPLATES);
  }
}
