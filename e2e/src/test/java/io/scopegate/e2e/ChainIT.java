package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.scopegate.e2e.Http.Reply;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.scopegate.testkit.tempo.proto.SearchTagsRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Collector, gateway, Tempo and the API server, as they stand in a cluster. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChainIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final String TENANT = "x-scope-orgid";

  private Cluster cluster;
  @AutoClose private Tempo tempo;
  @AutoClose private GatewayRun gateway;
  @AutoClose private Rpc rpc;
  private Http http;
  private String ingest;
  private String query;
  private String otherQuery;
  private String known;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    tempo = Tempo.start();
    gateway = GatewayRun.of(cluster, tempo.ports()).start("chain");
    rpc = new Rpc(cluster.ca());
    http = Http.one(cluster.ca());
    ingest = bearer("showcase", "ingest");
    query = bearer("showcase", "query");
    otherQuery = bearer("payments", "query");
    known = write("showcase", ingest);
    write("payments", bearer("payments", "ingest"));
  }

  @Test
  void collectorsSpansArriveUnderTheRightTenantNoneMissing() {
    try (Collector collector =
        Collector.start(cluster, gateway, "showcase", ingest.substring("Bearer ".length()))) {
      List<String> ids = new ArrayList<>();
      ids.addAll(collector.take(rpc, collector.toGrpc(), 10));
      ids.addAll(collector.take(rpc, collector.toHttp(), 10));

      Until.holds(
          "20,000 spans are in Tempo",
          ARRIVES,
          () -> ids.stream().mapToInt(id -> tempo.spans("showcase", id)).sum() == 20_000);
      assertThat(ids).allSatisfy(id -> assertThat(tempo.spans("payments", id)).isZero());
      assertThat(collector.hasDroppedSpans()).isFalse();
      assertThat(cluster.tokensSeenIn(collector.process())).isEmpty();
    }
  }

  @Test
  void queryAccountReadsATraceByHttpOverTlsAndClearText() {
    String path = "/api/v2/traces/" + known;
    Http two = Http.two(cluster.ca());
    for (String url : List.of(gateway.query(path), gateway.queryInClearText(path))) {
      assertThat(read(url).text()).contains("POST /cart");
      Reply reply = two.get(url, as(query, "showcase"));
      assertThat(reply.text()).contains("POST /cart");
      assertThat(reply.version()).isEqualTo(HttpClient.Version.HTTP_2);
    }
  }

  @Test
  void queryAccountSearches() {
    Until.holds(
        "the search finds the trace",
        ARRIVES,
        () ->
            read(gateway.query(between("/api/search?q=%7B%7D&limit=100&")))
                .text()
                .contains(known.replaceFirst("^0+", "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/search/tags",
        "/api/v2/search/tags",
        "/api/search/tag/service.name/values",
        "/api/v2/search/tag/resource.service.name/values",
        "/api/v2/search/tag/resource.place%2Fof%20work/values",
        "/api/v2/search/tag/resource.%22place%2Fof%20work%22/values",
        "/api/v2/search/tag/resource.place/of/values",
        "/api/status/buildinfo",
        "/api/echo"
      })
  void readsAreAnsweredAsTempoAnswersThem(String path) {
    Tempo.Real real = real();
    String[] direct = {TENANT, "showcase"};
    Until.holds(
        path + " is answered alike",
        ARRIVES,
        () -> {
          Reply expected = http.get(real.url(path), direct);
          Reply got = read(gateway.query(path));
          return got.status() == expected.status()
              && withoutCounters(got).equals(withoutCounters(expected));
        });
  }

  @Test
  void tagWithSlashAndSpaceReachesTempoUnchanged() {
    real();
    Until.holds(
        "the value of the tag is found",
        ARRIVES,
        () ->
            read(gateway.query("/api/v2/search/tag/resource.%22place%2Fof%20work%22/values"))
                .text()
                .contains("a/b c"));
  }

  @Test
  void queryAccountAsksForMetrics() {
    real();
    assertThat(read(gateway.query(between("/api/metrics/query_range?q=%7B%7D%7Crate()&step=10s&"))))
        .satisfies(reply -> assertThat(reply.status()).isEqualTo(200))
        .satisfies(reply -> assertThat(reply.text()).contains("series"));
  }

  @Test
  void queryAccountSpeaksMcp() {
    real();
    String initialise =
        """
        {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26",
         "capabilities":{},"clientInfo":{"name":"e2e","version":"1"}}}
        """;
    Reply reply =
        http.post(
            gateway.query("/api/mcp"),
            initialise.getBytes(StandardCharsets.UTF_8),
            "authorization",
            query,
            TENANT,
            "showcase",
            "content-type",
            "application/json",
            "accept",
            "application/json, text/event-stream");
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    assertThat(reply.text()).contains("serverInfo");
  }

  @Test
  void searchStreamsByGrpcOverTlsAndClearTextOnTheSamePort() {
    Until.holds(
        "the search over TLS finds something",
        ARRIVES,
        () -> found(rpc.call(gateway.ports().query(), SEARCH, all(), as(query, "showcase"))));
    assertThat(
            found(
                rpc.callInClearText(gateway.ports().query(), SEARCH, all(), as(query, "showcase"))))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tempoCliStreamsASearch(boolean tls) {
    Path cli = Parts.need("tempo-cli");
    Path directory = gateway.directory();
    Path trusted = cluster.ca().writePem(directory.resolve("trusted-" + tls + ".crt"));
    List<String> command = new ArrayList<>(List.of(cli.toString(), "query", "api", "search"));
    command.addAll(List.of("--org-id=showcase", "--use-grpc", "--header=authorization=" + query));
    if (tls) {
      command.add("--secure");
    }
    command.addAll(List.of("localhost:" + gateway.ports().query(), "{}", "now-1h", "now"));
    Until.holds(
        "tempo-cli finds traces",
        ARRIVES,
        () -> {
          Part.Ended ended =
              Part.run(
                  "tempo-cli",
                  directory,
                  Map.of("SSL_CERT_FILE", trusted.toString()),
                  Duration.ofSeconds(30),
                  command);
          return ended.code() == 0 && ended.output().contains("traceID");
        });
  }

  @Test
  void passwordOfBasicAuthenticationIsTheToken() {
    String basic =
        "Basic "
            + Base64.getEncoder()
                .encodeToString(
                    ("grafana:" + query.substring("Bearer ".length()))
                        .getBytes(StandardCharsets.UTF_8));
    Reply reply = http.get(gateway.query("/api/v2/traces/" + known), as(basic, "showcase"));
    assertThat(reply.text()).contains("POST /cart");
    Rpc.Called called = rpc.call(gateway.ports().query(), SEARCH, all(), as(basic, "showcase"));
    assertThat(called.status()).isEqualTo(GrpcStatus.OK);
  }

  @Test
  void ingestAccountIsRefusedReading() {
    Reply reply = http.get(gateway.query("/api/v2/traces/" + known), as(ingest, "showcase"));
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.header("content-type")).startsWith("application/problem+json");
    assertThat(reply.text()).contains("showcase", "get").doesNotContain("POST /cart");
    Rpc.Called called = rpc.call(gateway.ports().query(), SEARCH, all(), as(ingest, "showcase"));
    assertThat(called.status()).isEqualTo(GrpcStatus.PERMISSION_DENIED);
    assertThat(called.messages()).isEmpty();
  }

  @Test
  void queryAccountIsRefusedWriting() {
    String id = Traces.newId();
    Reply reply = post(id, "showcase", query);
    assertThat(reply.status()).isEqualTo(403);
    Rpc.Called called =
        rpc.call(gateway.ports().otlpGrpc(), Collector.EXPORT, trace(id), as(query, "showcase"));
    assertThat(called.status()).isEqualTo(GrpcStatus.PERMISSION_DENIED);
    assertThat(tempo.spans("showcase", id)).isZero();
  }

  @Test
  void otherTenantsAreRefused() {
    assertThat(http.get(gateway.query("/api/search"), as(otherQuery, "showcase")).status())
        .isEqualTo(403);
    assertThat(http.get(gateway.query("/api/search"), as(query, "payments")).status())
        .isEqualTo(403);
    assertThat(
            rpc.call(gateway.ports().query(), SEARCH, all(), as(otherQuery, "showcase")).status())
        .isEqualTo(GrpcStatus.PERMISSION_DENIED);
    String id = Traces.newId();
    assertThat(post(id, "payments", ingest).status()).isEqualTo(403);
    assertThat(tempo.spans("payments", id)).isZero();
  }

  @Test
  void federatedReadNeedsRightsOnBoth() {
    cluster.account("shared", "analyst");
    String analyst = bearer("shared", "analyst");
    bind("showcase", "shared", "analyst");
    String both = "/api/v2/traces/" + known;

    assertThat(http.get(gateway.query(both), as(query, "showcase|payments")).status())
        .isEqualTo(403);
    bind("payments", "shared", "analyst");
    String fresh = bearer("shared", "analyst");
    Reply reply = http.get(gateway.query(both), as(fresh, "showcase|payments"));
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    assertThat(http.get(gateway.query(both), as(analyst, "showcase")).status()).isEqualTo(200);
    assertThat(
            rpc.call(gateway.ports().query(), SEARCH, all(), as(fresh, "showcase|payments"))
                .status())
        .isEqualTo(GrpcStatus.OK);
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/status/config",
    "GET,/status",
    "POST,/flush",
    "GET,/flush",
    "GET,/querier/api/search",
    "POST,/shutdown",
    "GET,/metrics",
    "GET,/ready",
    "GET,/memberlist",
    "GET,/api/overrides",
    "GET,/usage_metrics",
    "GET,/debug/pprof/heap"
  })
  void internalsAreNotThere(String method, String path) {
    Reply reply =
        http.send(
            method,
            gateway.query(path),
            HttpRequest.BodyPublishers.noBody(),
            as(query, "showcase"));
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.header("content-type")).startsWith("application/problem+json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/querier/../flush", "//status/config", "/api/../status/config"})
  void pathsThatAreNotCanonicalAreRefused(String path) {
    assertThat(http.get(gateway.query(path), as(query, "showcase")).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tempopb.BackendScheduler/SubmitRedaction",
        "tempopb.BackendScheduler/Next",
        "tempopb.Pusher/PushBytesV2",
        "tempopb.Querier/SearchRecent",
        "tempopb.Metrics/GetMetrics",
        "frontend.Frontend/Process"
      })
  void internalGrpcIsNotThere(String method) {
    Message empty = SearchTagsRequest.getDefaultInstance();
    Rpc.Called called = rpc.call(gateway.ports().query(), method, empty, as(query, "showcase"));
    assertThat(called.status()).isEqualTo(GrpcStatus.UNIMPLEMENTED);
  }

  private Reply read(String url) {
    return http.get(url, as(query, "showcase"));
  }

  private Tempo.Real real() {
    Assumptions.assumeTrue(tempo.isReal(), "no tempo: see e2e/README.md");
    return (Tempo.Real) tempo;
  }

  private static boolean found(Rpc.Called called) {
    return called.status() == GrpcStatus.OK
        && called.messages().stream().anyMatch(message -> message.length > 50);
  }

  /** Answers tell how much was read to find them, which is not the same twice. */
  private static String withoutCounters(Reply reply) {
    return reply.text().replaceAll("\"metrics\":\\s*\\{[^}]*}", "");
  }

  private static SearchRequest all() {
    long now = Instant.now().getEpochSecond();
    return SearchRequest.newBuilder()
        .setQuery("{}")
        .setLimit(100)
        .setStart((int) (now - 3600))
        .setEnd((int) (now + 60))
        .build();
  }

  private static String between(String path) {
    long now = Instant.now().getEpochSecond();
    return path + "start=" + (now - 600) + "&end=" + (now + 10);
  }

  /** Writes a trace through the gateway and waits until Tempo has it. */
  private String write(String tenant, String token) {
    String id = Traces.newId();
    Reply reply = post(id, tenant, token);
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    Until.holds("Tempo has " + id, ARRIVES, () -> tempo.spans(tenant, id) == 3);
    return id;
  }

  private Reply post(String id, String tenant, String token) {
    return http.post(
        gateway.otlpHttp("/v1/traces"),
        trace(id).toByteArray(),
        "authorization",
        token,
        TENANT,
        tenant,
        "content-type",
        "application/x-protobuf");
  }

  private static ExportTraceServiceRequest trace(String id) {
    long start = (System.currentTimeMillis() - 5_000) * 1_000_000;
    ExportTraceServiceRequest.Builder trace =
        Traces.batch(id, "checkout", "POST /cart", 3, start).toBuilder();
    trace
        .getResourceSpansBuilder(0)
        .getResourceBuilder()
        .addAttributes(Traces.text("place/of work", "a/b c"));
    return trace.build();
  }

  private void bind(String tenant, String namespace, String account) {
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %1$s-reads-%2$s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: traces-%2$s-read}
        subjects: [{kind: ServiceAccount, name: %1$s, namespace: %3$s}]
        """
            .formatted(account, tenant, namespace));
  }

  private String bearer(String namespace, String account) {
    return "Bearer " + cluster.token(namespace, account);
  }

  private static String[] as(String authorization, String tenant) {
    return new String[] {"authorization", authorization, TENANT, tenant};
  }
}
