package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

/**
 * The rights that the Helm chart gives to the gateway's account are enough, and each is needed:
 * without it one feature is missing, and no other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChartRightsIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** What is reviewed with a right of its own. */
  private static final Set<String> REVIEWS = Set.of("tokenreviews", "subjectaccessreviews");

  /** What is watched. */
  private static final Set<String> WATCHED =
      new TreeSet<>(
          List.of(
              "clusterrolebindings",
              "clusterroles",
              "endpointslices",
              "pods",
              "rolebindings",
              "roles",
              "secrets",
              "serviceaccounts"));

  private Helm helm;
  private Cluster cluster;
  @AutoClose private TempoStandIn tempo;
  private Http http;

  @BeforeAll
  void start() {
    helm = new Helm();
    cluster = Cluster.shared();
    tempo = TempoStandIn.start();
    http = Http.one(cluster.ca());
    for (String namespace : List.of("gate", "monitoring", "queries")) {
      cluster.account(namespace, "somebody");
    }
  }

  /** A new rule of the chart has to be in the tests below. */
  @Test
  void theseAreAllRights() {
    Set<String> resources = new TreeSet<>();
    for (Manifest role : roles("all-of-them")) {
      rules(role).forEach(rule -> resources.addAll(resources(rule)));
    }

    assertThat(resources)
        .isEqualTo(
            Stream.concat(REVIEWS.stream(), WATCHED.stream())
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  /** Those of the manifests, with which all other tests run, are the same. */
  @Test
  void theManifestsGiveTheSameRights() {
    Path manifests = Scratch.repository("deploy/manifests/standalone/10-rbac.yaml");
    List<Manifest> given =
        Manifest.all(Scratch.read(manifests)).stream()
            .filter(one -> one.kind().equals("ClusterRole"))
            .toList();

    assertThat(grants(given))
        .isEqualTo(
            grants(
                helm.render("sg", "-n", "gate", "--set", "tls.secretName=t").stream()
                    .filter(one -> one.kind().equals("ClusterRole"))
                    .toList()));
  }

  private static Set<String> grants(List<Manifest> roles) {
    Set<String> grants = new TreeSet<>();
    for (Manifest role : roles) {
      for (Map<?, ?> rule : rules(role)) {
        for (String resource : resources(rule)) {
          grants.add(rule.get("apiGroups") + " " + resource + " " + rule.get("verbs"));
        }
      }
    }
    return grants;
  }

  @Test
  void withAllOfThemEverythingWorks() {
    try (GatewayRun gateway = gatewayWithout("nothing")) {
      assertThat(search(gateway).status()).isEqualTo(200);
      Until.holds("all is watched", SOON, () -> watched(gateway).equals(WATCHED));
      assertThat(http.get(gateway.admin("/readyz")).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "clusterrolebindings",
        "clusterroles",
        "endpointslices",
        "pods",
        "rolebindings",
        "roles",
        "secrets",
        "serviceaccounts"
      })
  void withoutAWatchOnlyChangesOfThatKindTakeLonger(String resource) {
    Set<String> others = new TreeSet<>(WATCHED);
    assertThat(others.remove(resource)).isTrue();
    try (GatewayRun gateway = gatewayWithout(resource)) {
      Until.holds("the others are watched", SOON, () -> watched(gateway).equals(others));
      assertThat(search(gateway).status()).isEqualTo(200);
      assertThat(http.get(gateway.admin("/readyz")).status()).isEqualTo(200);
      Until.holds(
          "the log names the right",
          SOON,
          () -> gateway.process().output().contains("watching " + resource));
      assertThat(watched(gateway)).isEqualTo(others);
    }
  }

  /** Nobody is told no because the gateway may not ask. */
  @ParameterizedTest
  @ValueSource(strings = {"tokenreviews", "subjectaccessreviews"})
  void withoutAReviewNobodyIsLetInAndNobodyIsRefused(String resource) {
    try (GatewayRun gateway = gatewayWithout(resource)) {
      Until.holds("all is watched", SOON, () -> watched(gateway).equals(WATCHED));
      Http.Reply reply = search(gateway);
      assertThat(reply.status()).as(reply.text()).isEqualTo(503);
      Until.holds(
          "the log names the right", SOON, () -> gateway.process().output().contains(resource));
    }
  }

  private Http.Reply search(GatewayRun gateway) {
    return http.get(
        gateway.query("/api/search"),
        "authorization",
        "Bearer " + cluster.token("showcase", "query"),
        "x-scope-orgid",
        "showcase");
  }

  private Set<String> watched(GatewayRun gateway) {
    Metrics metrics = Metrics.of(http.get(gateway.admin("/metrics")).text());
    return WATCHED.stream()
        .filter(
            resource -> metrics.sum("scopegate_watch_synced", "resource=\"" + resource + "\"") == 1)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** A gateway whose account has the chart's rights, but for one resource; it is not ready yet. */
  private GatewayRun gatewayWithout(String resource) {
    String release = "sg-" + resource;
    for (Manifest manifest : helm.render(release, options())) {
      if (manifest.kind().equals("ServiceAccount") || manifest.kind().endsWith("Binding")) {
        cluster.apply(manifest.text());
      }
    }
    for (Manifest role : roles(release)) {
      cluster.apply(without(resource, role));
    }
    GatewayRun gateway =
        GatewayRun.of(cluster, Tempo.portsOf(tempo))
            .kubeconfig(cluster.kubeconfig("{token: \"" + cluster.token("gate", release) + "\"}"))
            .kubernetes("watchSecrets: true")
            .replace(
                "upstreams:\n",
                """
                upstreams:
                  elsewhere: {url: "http://tempo:4317", protocol: h2c, service: "monitoring/tempo-distributor:grpc-otlp"}
                """)
            .launch("rights");
    Until.holds(
        "it serves, see " + gateway.directory(),
        SOON,
        () -> gateway.process().isAlive() && isServing(gateway));
    return gateway;
  }

  private boolean isServing(GatewayRun gateway) {
    return http.get(gateway.admin("/livez")).status() == 200;
  }

  private List<Manifest> roles(String release) {
    return helm.render(release, options()).stream()
        .filter(one -> one.kind().endsWith("Role"))
        .toList();
  }

  private static String[] options() {
    return new String[] {
      "-n",
      "gate",
      "-f",
      Helm.CHART.resolve("ci/services-values.yaml").toString(),
      "--set",
      "config.authentication.kubernetes.watchSecrets=true"
    };
  }

  private static String without(String resource, Manifest role) {
    Map<Object, Object> changed = new LinkedHashMap<>(Acceptance.load(role));
    List<Map<Object, Object>> rules = new ArrayList<>();
    for (Map<?, ?> rule : rules(role)) {
      List<String> left = new ArrayList<>(resources(rule));
      left.remove(resource);
      Map<Object, Object> narrower = new LinkedHashMap<>(rule);
      narrower.put("resources", left);
      if (!left.isEmpty()) {
        rules.add(narrower);
      }
    }
    changed.put("rules", rules);
    return new Dump(DumpSettings.builder().build()).dumpToString(changed);
  }

  private static List<Map<?, ?>> rules(Manifest role) {
    List<Map<?, ?>> rules = new ArrayList<>();
    ((List<?>) Acceptance.load(role).get("rules")).forEach(rule -> rules.add((Map<?, ?>) rule));
    return rules;
  }

  private static List<String> resources(Map<?, ?> rule) {
    return ((List<?>) rule.get("resources")).stream().map(Object::toString).toList();
  }
}
