package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a token and a tenant are to the real API server, and how the gateway gets to ask it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MappingIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String SHORT =
      "tokenCache: {ttl: 1s, rejectedTtl: 1s, staleIfError: 1s, maxEntries: 100}";
  private static final String NAMESPACED =
      """
      authorization:
        mapping: namespaced
        decisionCache: {allowedTtl: 1s, deniedTtl: 1s, staleIfError: 1s, maxEntries: 100}
      """;
  private static final String QUICK =
      """
      authorization:
        decisionCache: {allowedTtl: 1s, deniedTtl: 1s, staleIfError: 1s, maxEntries: 100}
      """;

  private Cluster cluster;
  @AutoClose private TempoStandIn tempo;
  private Http http;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    tempo = TempoStandIn.start();
    http = Http.one(cluster.ca());
  }

  @Test
  void namespacedAsksForTracesInTheTenantsNamespace() {
    cluster.apply(
        Scratch.read(Scratch.repository("deploy/manifests/tenants/namespaced-mapping.yaml")));
    try (GatewayRun gateway = setup().add(NAMESPACED).start("namespaced")) {
      String query = cluster.token("showcase", "query");
      assertThat(search(gateway, query, "showcase")).isEqualTo(200);
      assertThat(search(gateway, query, "payments")).isEqualTo(403);
      assertThat(search(gateway, cluster.token("showcase", "ingest"), "showcase")).isEqualTo(403);
    }
  }

  /** A ClusterRole bound in one namespace only is a right there and nowhere else. */
  @Test
  void namespacedTakesAClusterRoleBoundInANamespace() {
    cluster.account("roles", "reader");
    cluster.account("elsewhere", "nobody");
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: any-traces-read}
        rules: [{apiGroups: [tempo.grafana.com], resources: [traces], verbs: [get]}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: reader, namespace: roles}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: any-traces-read}
        subjects: [{kind: ServiceAccount, name: reader, namespace: roles}]
        """);
    try (GatewayRun gateway = setup().add(NAMESPACED).start("clusterrole")) {
      String reader = cluster.token("roles", "reader");
      assertThat(search(gateway, reader, "roles")).isEqualTo(200);
      assertThat(search(gateway, reader, "elsewhere")).isEqualTo(403);
    }
  }

  /** A Role in the tenant's namespace says nothing under the mapping that is cluster-scoped. */
  @Test
  void tempoOperatorsMappingIgnoresRoles() {
    cluster.account("rolled", "reader");
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: reader, namespace: rolled}
        rules: [{apiGroups: [tempo.grafana.com], resources: [rolled, traces], verbs: [get]}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: reader, namespace: rolled}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
        subjects: [{kind: ServiceAccount, name: reader, namespace: rolled}]
        """);
    try (GatewayRun gateway = setup().start("operator")) {
      String reader = cluster.token("rolled", "reader");
      assertThat(search(gateway, reader, "rolled")).isEqualTo(403);
      assertThat(search(gateway, cluster.token("showcase", "query"), "showcase")).isEqualTo(200);
    }
  }

  @Test
  void tokensOfOtherAudiencesAreRejected() {
    List<String> ours = List.of("scopegate.example");
    try (GatewayRun gateway =
        setup().kubernetes("audiences: [scopegate.example]").start("audiences")) {
      assertThat(search(gateway, cluster.token("showcase", "query", ours), "showcase"))
          .isEqualTo(200);
      assertThat(search(gateway, cluster.token("showcase", "query"), "showcase")).isEqualTo(401);
    }
    try (GatewayRun gateway = setup().start("no-audiences")) {
      assertThat(search(gateway, cluster.token("showcase", "query", ours), "showcase"))
          .isEqualTo(401);
    }
  }

  @Test
  void deletedAccountIsRefused() {
    cluster.account("showcase", "leaver");
    bind("leaver");
    try (GatewayRun gateway = setup().kubernetes(SHORT).add(QUICK).start("deleted")) {
      String leaver = cluster.token("showcase", "leaver");
      assertThat(search(gateway, leaver, "showcase")).isEqualTo(200);
      cluster.delete("/api/v1/namespaces/showcase/serviceaccounts/leaver");
      Until.holds(
          "the account's token is rejected",
          SOON,
          () -> search(gateway, leaver, "showcase") == 401);
    }
  }

  @Test
  void revokedBindingIsRefused() {
    cluster.account("showcase", "mover");
    bind("mover");
    try (GatewayRun gateway = setup().kubernetes(SHORT).add(QUICK).start("revoked")) {
      String mover = cluster.token("showcase", "mover");
      assertThat(search(gateway, mover, "showcase")).isEqualTo(200);
      cluster.delete("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/mover");
      Until.holds("the right is gone", SOON, () -> search(gateway, mover, "showcase") == 403);
      bind("mover");
      Until.holds("the right is back", SOON, () -> search(gateway, mover, "showcase") == 200);
    }
  }

  @Test
  void nonsenseIsRejected() {
    try (GatewayRun gateway = setup().start("nonsense")) {
      assertThat(search(gateway, "nonsense", "showcase")).isEqualTo(401);
      String good = cluster.token("showcase", "query");
      String forged = good.substring(0, good.length() - 8) + "AAAAAAAA";
      assertThat(search(gateway, forged, "showcase")).isEqualTo(401);
      Http.Reply none = http.get(gateway.query("/api/search"), "x-scope-orgid", "showcase");
      assertThat(none.status()).isEqualTo(401);
      assertThat(none.header("www-authenticate")).contains("Bearer");
    }
  }

  @Test
  void gatewaysOwnTokenFileIsFollowed() {
    Path file = Scratch.write(cluster.file("token"), cluster.token("scopegate", "scopegate"));
    Path kubeconfig = cluster.kubeconfig("{tokenFile: \"" + file + "\"}");
    try (GatewayRun gateway =
        setup().kubeconfig(kubeconfig).kubernetes(SHORT).add(QUICK).start("token-file")) {
      String query = cluster.token("showcase", "query");
      assertThat(search(gateway, query, "showcase")).isEqualTo(200);
      Scratch.write(file, "worn-out");
      Until.holds("nothing can be asked", SOON, () -> search(gateway, query, "showcase") == 503);
      Scratch.write(file, cluster.token("scopegate", "scopegate"));
      Until.holds("it can ask again", SOON, () -> search(gateway, query, "showcase") == 200);
    }
  }

  @Test
  void gatewayAsksWithAClientCertificate() {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: gateway-by-certificate}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: scopegate-reviews}
        subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: gateways}]
        """);
    TestCa.Issued issued = cluster.ca().client("gateway", "gateways");
    Path kubeconfig =
        cluster.kubeconfig(
            "{client-certificate: \"%s\", client-key: \"%s\"}"
                .formatted(
                    issued.writeCertificate(cluster.file("client.crt")),
                    issued.writeKey(cluster.file("client.key"))));
    try (GatewayRun gateway = setup().kubeconfig(kubeconfig).start("client-certificate")) {
      assertThat(search(gateway, cluster.token("showcase", "query"), "showcase")).isEqualTo(200);
    }
  }

  private GatewayRun.Setup setup() {
    return GatewayRun.of(cluster, Tempo.portsOf(tempo));
  }

  private int search(GatewayRun gateway, String token, String tenant) {
    return http.get(
            gateway.query("/api/search"),
            "authorization",
            "Bearer " + token,
            "x-scope-orgid",
            tenant)
        .status();
  }

  private void bind(String account) {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %1$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: traces-showcase-read}
        subjects: [{kind: ServiceAccount, name: %1$s, namespace: showcase}]
        """
            .formatted(account));
  }
}
