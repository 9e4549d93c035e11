package io.scopegate.gateway.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.ResourceAttributes;
import io.scopegate.authz.User;
import io.scopegate.authz.kubernetes.SubjectAccessReviews;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

final class YamlTest {
  private static final User GRAFANA =
      new User(
          "system:serviceaccount:payments:grafana",
          "u-1",
          List.of("system:serviceaccounts", "on", "1e3"),
          Map.of("example.org/team", List.of("a: b")));
  private static final User JANE = new User("jane@example.org", "", List.of(), Map.of());

  private static ResourceAttributes asked(String namespace) {
    return new ResourceAttributes(
        "get", "tempo.grafana.com", "", "payments", "", "traces", namespace);
  }

  @Test
  void aQuestionCanBePasted() {
    assertThat(Yaml.of(SubjectAccessReviews.request(GRAFANA, asked(""))))
        .isEqualTo(
            """
            apiVersion: authorization.k8s.io/v1
            kind: SubjectAccessReview
            spec:
              user: "system:serviceaccount:payments:grafana"
              uid: u-1
              groups: ["system:serviceaccounts", "on", "1e3"]
              extra:
                example.org/team: ["a: b"]
              resourceAttributes:
                verb: get
                group: tempo.grafana.com
                resource: payments
                name: traces
            """);
  }

  @Test
  void aRuleOfTheClusterCanBePasted() {
    assertThat(Yaml.of(Rbac.allowing(GRAFANA, "payments", asked(""))))
        .isEqualTo(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata:
              name: scopegate-payments-get
            rules:
            - apiGroups: [tempo.grafana.com]
              resources: [payments]
              resourceNames: [traces]
              verbs: [get]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata:
              name: "scopegate-payments-get-system:serviceaccount:payments:grafana"
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: ClusterRole
              name: scopegate-payments-get
            subjects:
            - kind: ServiceAccount
              name: grafana
              namespace: payments
            """);
  }

  @Test
  void aRuleOfANamespaceStandsInIt() {
    assertThat(Yaml.of(Rbac.allowing(JANE, "payments", asked("team-a"))))
        .isEqualTo(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata:
              name: scopegate-payments-get
              namespace: team-a
            rules:
            - apiGroups: [tempo.grafana.com]
              resources: [payments]
              resourceNames: [traces]
              verbs: [get]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata:
              name: "scopegate-payments-get-jane@example.org"
              namespace: team-a
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: Role
              name: scopegate-payments-get
            subjects:
            - apiGroup: rbac.authorization.k8s.io
              kind: User
              name: "jane@example.org"
            """);
  }

  @Test
  void aGroupWithoutANameIsWrittenOut() {
    ResourceAttributes asked = new ResourceAttributes("get", "", "", "pods", "log", "", "");

    assertThat(Yaml.of(Rbac.allowing(JANE, "a", asked).get(0)))
        .endsWith("- apiGroups: [\"\"]\n  resources: [pods/log]\n  verbs: [get]\n");
  }

  @Property
  void whateverTheTextItIsReadBack(@ForAll String value) {
    String wellFormed = value.replaceAll("[\\ud800-\\udfff]", "");

    String yaml = Yaml.of(new JsonObject().put("key", wellFormed));

    assertThat(new Load(LoadSettings.builder().build()).loadFromString(yaml))
        .isEqualTo(Map.of("key", wellFormed));
  }
}
