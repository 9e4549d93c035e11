package io.scopegate.testkit.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may do what, by the roles and bindings below. */
class RbacTest {
  private static final String MANIFESTS =
      """
      kind: Namespace
      metadata: {name: team}
      ---
      kind: ClusterRole
      metadata: {name: read-shop}
      rules: [{apiGroups: [tempo.grafana.com], resources: [shop], resourceNames: [traces], verbs: [get]}]
      ---
      kind: ClusterRoleBinding
      metadata: {name: read-shop}
      roleRef: {kind: ClusterRole, name: read-shop}
      subjects:
        - {kind: ServiceAccount, name: grafana, namespace: team}
        - {kind: User, name: jane}
        - {kind: Group, name: readers}
      ---
      kind: ClusterRole
      metadata: {name: everything}
      rules:
        - {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
        - {nonResourceURLs: ["*"], verbs: ["*"]}
      ---
      kind: ClusterRoleBinding
      metadata: {name: everything}
      roleRef: {kind: ClusterRole, name: everything}
      subjects: [{kind: User, name: root}]
      ---
      kind: ClusterRole
      metadata: {name: parts}
      rules:
        - {apiGroups: [""], resources: [pods/log], verbs: [get]}
        - {apiGroups: [""], resources: ["*/status"], verbs: [update]}
        - {nonResourceURLs: [/metrics, /healthz/*], verbs: [get]}
      ---
      kind: ClusterRoleBinding
      metadata: {name: parts}
      roleRef: {kind: ClusterRole, name: parts}
      subjects: [{kind: User, name: parts}]
      ---
      kind: Role
      metadata: {name: traces, namespace: team}
      rules: [{apiGroups: [tempo.grafana.com], resources: [traces], verbs: [create]}]
      ---
      kind: RoleBinding
      metadata: {name: traces, namespace: team}
      roleRef: {kind: Role, name: traces}
      subjects: [{kind: User, name: local}]
      ---
      kind: RoleBinding
      metadata: {name: shop-here, namespace: team}
      roleRef: {kind: ClusterRole, name: read-shop}
      subjects: [{kind: User, name: local}]
      ---
      kind: ClusterRoleBinding
      metadata: {name: dangling}
      roleRef: {kind: ClusterRole, name: gone}
      subjects: [{kind: User, name: dangling}]
      """;

  private final ObjectStore store = new ObjectStore();

  RbacTest() {
    for (JsonObject object : Manifests.parse(MANIFESTS)) {
      Resource resource = Resource.ofKind(object.getString("kind")).orElseThrow();
      String namespace = object.getJsonObject("metadata").getString("namespace", "");
      store.create(resource, namespace, object);
    }
  }

  @ParameterizedTest(name = "{0} in {1}: {2} {3} {4}/{5} in \"{6}\" -> {7}")
  @CsvSource(
      textBlock =
          """
          # user, group, verb, group of the resource, resource, name, namespace, allowed
          system:serviceaccount:team:grafana,,get,tempo.grafana.com,shop,traces,,true
          system:serviceaccount:other:grafana,,get,tempo.grafana.com,shop,traces,,false
          jane,,get,tempo.grafana.com,shop,traces,,true
          anybody,readers,get,tempo.grafana.com,shop,traces,,true
          anybody,writers,get,tempo.grafana.com,shop,traces,,false
          jane,,create,tempo.grafana.com,shop,traces,,false
          jane,,get,tempo.grafana.com,other,traces,,false
          jane,,get,other.group,shop,traces,,false
          jane,,get,tempo.grafana.com,shop,other,,false
          jane,,get,tempo.grafana.com,shop,,,false
          jane,,get,tempo.grafana.com,shop,traces,team,true
          root,,delete,any.group,things,one,anywhere,true
          local,,create,tempo.grafana.com,traces,traces,team,true
          local,,create,tempo.grafana.com,traces,traces,other,false
          local,,create,tempo.grafana.com,traces,traces,,false
          local,,get,tempo.grafana.com,shop,traces,team,true
          local,,get,tempo.grafana.com,shop,traces,,false
          parts,,get,,pods,p,,false
          anybody,system:masters,anything,any.group,things,one,,true
          """)
  void decides(
      String user,
      String group,
      String verb,
      String apiGroup,
      String resource,
      String name,
      String namespace,
      boolean allowed) {
    AccessQuestion question =
        new AccessQuestion(verb, text(apiGroup), resource, "", text(name), text(namespace), "");

    assertThat(Rbac.decide(store, who(user, text(group)), question).allowed()).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "get, pods, log, true",
    "get, pods, '', false",
    "get, pods, exec, false",
    "update, pods, status, true",
    "update, nodes, status, true",
    "update, nodes, scale, false"
  })
  void tellsSubresourcesApart(String verb, String resource, String sub, boolean allowed) {
    AccessQuestion question = new AccessQuestion(verb, "", resource, sub, "x", "", "");

    assertThat(Rbac.decide(store, who("parts", ""), question).allowed()).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "get, /metrics, true",
    "post, /metrics, false",
    "get, /metrics/more, false",
    "get, /healthz/etcd, true",
    "get, /healthz, false"
  })
  void decidesOnPaths(String verb, String path, boolean allowed) {
    AccessQuestion question = AccessQuestion.ofPath(verb, path);

    assertThat(Rbac.decide(store, who("parts", ""), question).allowed()).isEqualTo(allowed);
    assertThat(Rbac.decide(store, who("root", ""), question).allowed()).isTrue();
  }

  @Test
  void saysWhichBindingAllows() {
    AccessQuestion question =
        new AccessQuestion("create", "tempo.grafana.com", "traces", "", "", "team", "");

    assertThat(Rbac.decide(store, who("local", ""), question).reason())
        .isEqualTo(
            "RBAC: allowed by RoleBinding \"traces/team\" of Role \"traces\" to User \"local\"");
  }

  @Test
  void saysWhichRoleIsMissing() {
    AccessQuestion question = AccessQuestion.ofPath("get", "/metrics");

    Rbac.Decision decision = Rbac.decide(store, who("dangling", ""), question);

    assertThat(decision.allowed()).isFalse();
    assertThat(decision.problem())
        .isEqualTo("clusterrole.rbac.authorization.k8s.io \"gone\" not found");
  }

  @Test
  void deletesWhatIsInANamespaceWithIt() {
    store.delete(Resource.NAMESPACES, "", "team");

    assertThat(store.list(Resource.ROLES, "")).isEmpty();
    assertThat(store.list(Resource.ROLE_BINDINGS, "")).isEmpty();
    assertThat(store.list(Resource.CLUSTER_ROLES, "")).isNotEmpty();
  }

  @Test
  void aggregatesRolesOfAggregatedRoles() {
    apply(
        """
        kind: ClusterRole
        metadata: {name: top, labels: {}}
        aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: top}}]}
        ---
        kind: ClusterRole
        metadata: {name: middle, labels: {to: top}}
        aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: middle}}]}
        ---
        kind: ClusterRole
        metadata: {name: leaf, labels: {to: middle}}
        rules: [{apiGroups: [g], resources: [r], verbs: [v]}]
        """);

    assertThat(Rbac.rules(store.get(Resource.CLUSTER_ROLES, "", "top"))).hasSize(1);
  }

  private void apply(String manifests) {
    Manifests.parse(manifests).forEach(role -> store.create(Resource.CLUSTER_ROLES, "", role));
  }

  private static Identity who(String user, String group) {
    return new Identity(user, "", group.isEmpty() ? List.of() : List.of(group), Map.of());
  }

  /** An empty column is null to JUnit. */
  private static String text(@Nullable String column) {
    return column == null ? "" : column;
  }
}
