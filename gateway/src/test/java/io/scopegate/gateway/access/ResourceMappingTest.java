package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.gateway.access.AuthorizationConfig.Mapping;
import io.scopegate.gateway.route.Operation;
import org.junit.jupiter.api.Test;

final class ResourceMappingTest {
  @Test
  void aTenantIsAClusterScopedResourceAsForTempoOperator() {
    ResourceMapping mapping = new ResourceMapping(Configs.authorization(Mapping.TEMPO_OPERATOR));
    ResourceAttributes asked = mapping.attributes("payments", Operation.READ, Configs.JANE);
    assertThat(asked)
        .isEqualTo(
            new ResourceAttributes("get", "tempo.grafana.com", "", "payments", "", "traces", ""));
    assertThat(ResourceMapping.rule(asked))
        .isEqualTo(
            "a ClusterRole with {apiGroups: [tempo.grafana.com], resources: [payments],"
                + " resourceNames: [traces], verbs: [get]}");
  }

  @Test
  void aTenantIsANamespace() {
    ResourceMapping mapping = new ResourceMapping(Configs.authorization(Mapping.NAMESPACED));
    ResourceAttributes asked = mapping.attributes("payments", Operation.WRITE, Configs.JANE);
    assertThat(asked)
        .isEqualTo(
            new ResourceAttributes(
                "create", "tempo.grafana.com", "", "traces", "", "traces", "payments"));
    assertThat(ResourceMapping.rule(asked)).startsWith("a Role in namespace payments with {");
  }

  @Test
  void fillsTemplates() {
    ResourceMapping mapping =
        new ResourceMapping(
            Configs.authorization(
                Mapping.CUSTOM,
                new ResourceAttributesConfig(
                    "{operation}.example.org", "v1", "t-{tenant}-{tenant}x", "{user}", "", "n")));
    assertThat(mapping.attributes("a", Operation.ADMIN, Configs.JANE))
        .isEqualTo(
            new ResourceAttributes("update", "admin.example.org", "v1", "t-a-ax", "jane", "", "n"));
  }

  @Test
  void whatIsFilledInIsNoTemplate() {
    ResourceMapping mapping =
        new ResourceMapping(
            Configs.authorization(
                Mapping.CUSTOM,
                new ResourceAttributesConfig("", "", "{user}/{tenant}", "", "", "")));
    assertThat(mapping.attributes("a", Operation.READ, Configs.user("{tenant}")).resource())
        .isEqualTo("{tenant}/a");
  }

  @Test
  void refusesUnknownPlaceholders() {
    assertThatThrownBy(() ->
            new ResourceMapping(
                Configs.authorization(
                    Mapping.CUSTOM, new ResourceAttributesConfig("", "", "{tennant}", "", "", ""))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("{tennant}");
  }

  @Test
  void aRuleWithoutNamesOrGroupIsStillYaml() {
    ResourceAttributes asked = new ResourceAttributes("get", "", "", "pods", "log", "", "ns");
    assertThat(ResourceMapping.rule(asked))
        .isEqualTo(
            "a Role in namespace ns with {apiGroups: [\"\"], resources: [pods/log], verbs: [get]}");
  }
}
