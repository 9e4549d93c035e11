package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The rules and dashboards of {@code deploy/monitoring} on a real Prometheus. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MonitoringIT {
  private static final Path FILES = Prometheus.FILES;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern METRIC = Pattern.compile("\\b(scopegate|jvm|process)_[a-z_]+");

  private Cluster cluster;
  private Http http;
  @AutoClose private TempoStandIn tempo;
  @AutoClose private GatewayRun gateway;
  @AutoClose private Rpc rpc;
  @AutoClose private Prometheus prometheus;

  @BeforeAll
  void start() {
    Parts.need("prometheus");
    Parts.need("promtool");
    cluster = Cluster.shared();
    http = Http.one(cluster.ca());
    rpc = new Rpc(cluster.ca());
    tempo = TempoStandIn.start();
    gateway =
        GatewayRun.of(
                cluster,
                new GatewayRun.Upstreams(
                    tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort()))
            .add(
                """
                limits:
                  defaults:
                    spansPerSecond: 1000
                    ingestBytesPerSecond: 1MB
                    concurrentQueries: 10
                    concurrentStreams: 10
                """)
            .add(
                "tracing: {ratio: 1, otlp: {endpoint: \"http://127.0.0.1:"
                    + tempo.otlpHttpPort()
                    + "\", tenant: ops}}")
            .checkingUpstreams()
            .start("monitored");
    prometheus = new Prometheus(gateway, "exemplar-storage");
    traffic();
    awaitScrapes();
  }

  /** Something of each: stored, read, without a token, without a right. */
  private void traffic() {
    String ingest = "Bearer " + cluster.token("showcase", "ingest");
    String query = "Bearer " + cluster.token("showcase", "query");
    ExportTraceServiceRequest batch = Traces.batch(Traces.newId(), "checkout", "POST /cart", 2);
    assertThat(
            rpc.call(
                    gateway.ports().otlpGrpc(),
                    Collector.EXPORT,
                    batch,
                    "authorization",
                    ingest,
                    "x-scope-orgid",
                    "showcase")
                .status())
        .isEqualTo(GrpcStatus.OK);
    assertThat(search(query, "showcase")).isEqualTo(200);
    assertThat(search(query, "payments")).isEqualTo(403);
    assertThat(http.get(gateway.query("/api/search")).status()).isEqualTo(401);
  }

  private int search(String token, String tenant) {
    return http.get(gateway.query("/api/search"), "authorization", token, "x-scope-orgid", tenant)
        .status();
  }

  /** Rates need two scrapes of what has just happened. */
  private void awaitScrapes() {
    Until.holds(
        "it is scraped three times, see " + prometheus,
        PATIENCE,
        () ->
            prometheus.number("min(count_over_time(scopegate_requests_total[1m]))") >= 3
                && prometheus.number("min(count_over_time(scopegate_upstream_up[1m]))") >= 3);
  }

  private static List<String> expressions() throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(FILES.resolve("dashboards"))) {
      for (Path file : files.sorted().toList()) {
        for (Object panel : new JsonObject(Files.readString(file)).getJsonArray("panels")) {
          for (Object target : ((JsonObject) panel).getJsonArray("targets", new JsonArray())) {
            all.add(((JsonObject) target).getString("expr"));
          }
        }
      }
    }
    return all;
  }

  /** With a value for each of its variables. */
  static String filledIn(String expression) {
    return expression
        .replace("$__rate_interval", "20s")
        .replace("$job", ".*")
        .replace("$instance", ".*")
        .replace("$tenant", "showcase");
  }

  private static Set<String> metrics(String text) {
    return METRIC
        .matcher(text)
        .results()
        .map(m -> m.group())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyPanelShowsWhatTheGatewayHas() throws IOException {
    String page = http.get(gateway.admin("/metrics")).text();
    Set<String> there =
        page.lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.split("[{ ]")[0])
            .collect(Collectors.toSet());
    List<String> empty = new ArrayList<>();
    int shown = 0;
    for (String expression : expressions()) {
      JsonArray result = prometheus.query(filledIn(expression));
      if (there.containsAll(metrics(expression))) {
        shown++;
        if (result.isEmpty()) {
          empty.add(expression);
        }
      }
    }
    assertThat(empty).isEmpty();
    assertThat(shown).as("panels with something to show").isGreaterThan(60);
  }

  @Test
  void prometheusEvaluatesEachRuleAndNothingIsWrong() throws IOException {
    int all = Files.readString(FILES.resolve("rules.yaml")).split("- alert: ").length - 1;
    Until.holds("all were evaluated", PATIENCE, () -> rules("health", "ok").size() == all);

    assertThat(rules("state", "firing"))
        .as("certificates of tests last a day")
        .containsExactly("ScopegateCertificateExpires");
  }

  private List<String> rules(String key, String value) {
    List<String> names = new ArrayList<>();
    JsonObject data = new JsonObject(prometheus.get("/rules")).getJsonObject("data");
    for (Object group : data.getJsonArray("groups")) {
      for (Object rule : ((JsonObject) group).getJsonArray("rules")) {
        if (((JsonObject) rule).getString(key).equals(value)) {
          names.add(((JsonObject) rule).getString("name"));
        }
      }
    }
    return names;
  }

  @Test
  void promtoolFindsTheRulesGoodAndTheirTestsPass() {
    promtool("check", "rules", FILES.resolve("rules.yaml").toString());
    promtool("test", "rules", FILES.resolve("rules-test.yaml").toString());
  }

  private static void promtool(String... arguments) {
    List<String> command = new ArrayList<>(List.of(Parts.need("promtool").toString()));
    command.addAll(List.of(arguments));
    Part.Ended ended =
        Part.run("promtool", Scratch.directory("promtool"), Map.of(), PATIENCE, command);
    assertThat(ended.code()).as("%s", ended).isZero();
  }

  @Test
  void tracesOfRequestsAreExemplarsOfTheirDurations() {
    Until.holds(
        "an exemplar has a trace",
        PATIENCE,
        () ->
            prometheus
                .get("/query_exemplars?query=scopegate_request_duration_seconds_bucket")
                .contains("trace_id"));
  }

  @Test
  void aServerThatAsksForNativeHistogramsGetsThem() {
    try (Prometheus modern = new Prometheus(gateway, "native-histograms")) {
      Until.holds("it answers, see " + modern, PATIENCE, modern::isReady);
      String counted = "sum(histogram_count(scopegate_request_duration_seconds))";
      Until.holds("it has native histograms", PATIENCE, () -> modern.number(counted) > 0);
      assertThat(modern.number(counted)).isEqualTo(modern.number("sum(scopegate_requests_total)"));
      assertThat(modern.number("histogram_quantile(0.5, sum(scopegate_request_duration_seconds))"))
          .isPositive()
          .isLessThan(60);
    }
  }
}
