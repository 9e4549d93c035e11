package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Http.Reply;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.tempo.SpanBodies;
import io.scopegate.testkit.tempo.Traces;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The guide from the Helm chart's nginx: the same requests before, by a real nginx, and after. Both
 * have the guide's files, with other addresses.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HelmNginxMigrationIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final String COLLECTOR = basic("collector", "kqN3vR8sTtWz5yB2");
  private static final String GRAFANA = basic("grafana", "pXf7Hh2mJjLd9cV4");
  private static final String EXPORT = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String SEARCH = "tempopb.StreamingQuerier/Search";
  private static final String TENANT = "x-scope-orgid";

  private final Map<Side, Integer> http =
      Map.of(Side.BEFORE, FreePorts.next(), Side.AFTER, FreePorts.next());
  private final Map<Side, Integer> grpc =
      Map.of(Side.BEFORE, FreePorts.next(), Side.AFTER, FreePorts.next());
  private final Http client = Http.one(TestCa.create());
  @AutoClose private Tempo tempo;
  @AutoClose private Part nginx;
  @AutoClose private Part gateway;
  @AutoClose private final Rpc rpc = new Rpc(TestCa.create());

  private enum Side {
    BEFORE,
    AFTER
  }

  @BeforeAll
  void start() {
    Path binary = Parts.need("nginx");
    tempo = Tempo.start();
    Migration migration = new Migration("migrate-from-helm-nginx");
    nginx = before(migration, binary);
    gateway = after(migration);
  }

  private Part before(Migration migration, Path binary) {
    String directory = migration.directory().toString();
    Path users = migration.write("htpasswd", Map.of());
    Map<String, String> replaced = new LinkedHashMap<>();
    replaced.put("/tmp/", directory + "/"); // first: the other paths may have it in them
    replaced.putAll(upstreams());
    replaced.put("http://tempo-ingester:3200", "http://127.0.0.1:" + tempo.ports().query());
    replaced.put("/etc/nginx/secrets/.htpasswd", users.toString());
    replaced.put("listen 8080;", "listen 127.0.0.1:" + http.get(Side.BEFORE) + ";");
    replaced.put("listen 4317 http2;", "listen 127.0.0.1:" + grpc.get(Side.BEFORE) + " http2;");
    Path configuration = migration.write("nginx.conf", replaced);
    Part process =
        Part.start(
            "nginx",
            migration.directory(),
            Map.of(),
            List.of(
                binary.toString(),
                "-p",
                directory,
                "-c",
                configuration.toString(),
                "-e",
                directory + "/nginx.log",
                "-g",
                "daemon off; master_process off;"));
    Migration.awaitAnswer(process, url(Side.BEFORE, "/"));
    return process;
  }

  private Part after(Migration migration) {
    int admin = FreePorts.next();
    Path tokens = migration.write("tokens.yaml", Map.of());
    Map<String, String> replaced = upstreams();
    replaced.put("/etc/scopegate/tokens/tokens.yaml", tokens.toString());
    replaced.put("0\\.0\\.0\\.0:8080", "127.0.0.1:" + http.get(Side.AFTER));
    replaced.put("0\\.0\\.0\\.0:4317", "127.0.0.1:" + grpc.get(Side.AFTER));
    replaced.put("0\\.0\\.0\\.0:8081", "127.0.0.1:" + admin);
    replaced.put("127\\.0\\.0\\.1:8082", "127.0.0.1:" + FreePorts.next());
    return migration.gateway(migration.write("scopegate.yaml", replaced), admin);
  }

  private Map<String, String> upstreams() {
    Map<String, String> replaced = new LinkedHashMap<>();
    replaced.put("tempo-distributor:4317", "127.0.0.1:" + tempo.ports().otlpGrpc());
    replaced.put("tempo-distributor:4318", "127.0.0.1:" + tempo.ports().otlpHttp());
    replaced.put("tempo-distributor:9411", "127.0.0.1:" + tempo.others().zipkin());
    replaced.put("tempo-distributor:14268", "127.0.0.1:" + tempo.others().jaegerThrift());
    replaced.put("tempo-query-frontend:3200", "127.0.0.1:" + tempo.ports().query());
    return replaced;
  }

  @ParameterizedTest
  @EnumSource
  void aCollectorByHttpAndGrafanaKeepTheirSettings(Side side) {
    SpanBodies span = span();

    Reply sent = post(side, "/v1/traces", "application/x-protobuf", span.otlp());

    assertThat(sent.status()).as("%s", sent).isEqualTo(200);
    assertRead(side, span);
  }

  @ParameterizedTest
  @EnumSource
  void aCollectorByGrpcKeepsItsSettings(Side side) {
    SpanBodies span = span();

    GrpcStatus status =
        rpc.callInClearText(grpc.get(side), EXPORT, span.otlp(), as(COLLECTOR, "payments"))
            .status();

    assertThat(status).isEqualTo(GrpcStatus.OK);
    assertRead(side, span);
  }

  private void assertRead(Side side, SpanBodies span) {
    Until.holds(
        "Tempo has " + span.traceId(), ARRIVES, () -> tempo.spans("payments", span.traceId()) == 1);
    Reply read = client.get(url(side, "/api/v2/traces/" + span.traceId()), as(GRAFANA, "payments"));
    assertThat(read.status()).as("%s", read).isEqualTo(200);
    assertThat(read.text()).contains("checkout");
  }

  @ParameterizedTest
  @EnumSource
  void grafanasTestOfTheDataSourceSucceeds(Side side) {
    Reply echo = client.get(url(side, "/api/echo"), as(GRAFANA, "payments"));
    assertThat(echo.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void aCollectorKeepsTheChartsPathOfOtlp(Side side) {
    SpanBodies span = span();
    Reply sent = post(side, "/otlp/v1/traces", "application/x-protobuf", span.otlp());
    assertThat(sent.status()).as("%s", sent).isEqualTo(200);
    assertRead(side, span);
  }

  @ParameterizedTest
  @EnumSource
  void zipkinKeepsItsPath(Side side) {
    SpanBodies span = span();
    Reply sent = post(side, "/zipkin/spans", "application/json", span.zipkinJson());
    assertThat(sent.status()).as("%s", sent).isEqualTo(202);
    assertRead(side, span);
  }

  @ParameterizedTest
  @EnumSource
  void jaegerKeepsItsPath(Side side) {
    SpanBodies span = span();
    Reply sent = post(side, "/jaeger/api/traces", "application/x-thrift", span.jaegerThrift());
    assertThat(sent.status()).as("%s", sent).isBetween(200, 202);
    assertRead(side, span);
  }

  @ParameterizedTest
  @EnumSource
  void nobodyComesInWithoutAPasswordOrWithAnother(Side side) {
    assertThat(client.get(url(side, "/api/search"), TENANT, "payments").status()).isEqualTo(401);
    String wrong = basic("grafana", "wrong");
    assertThat(client.get(url(side, "/api/search"), as(wrong, "payments")).status()).isEqualTo(401);
  }

  @Test
  void whatAnybodyWithAPasswordCouldDoBeforeIsRefusedAfter() {
    assertThat(statusOf(Side.BEFORE, "/api/search", GRAFANA, "showcase")).isEqualTo(200);
    assertThat(statusOf(Side.AFTER, "/api/search", GRAFANA, "showcase")).isEqualTo(403);
    assertThat(statusOf(Side.BEFORE, "/api/search", COLLECTOR, "payments")).isEqualTo(200);
    assertThat(statusOf(Side.AFTER, "/api/search", COLLECTOR, "payments")).isEqualTo(403);
    assertThat(statusOf(Side.AFTER, "/flush", GRAFANA, "payments")).isEqualTo(404);
    assertThat(statusOf(Side.AFTER, "/otlp/v1/trace", COLLECTOR, "payments")).isEqualTo(404);
  }

  @Test
  void aSearchStreamsOnTheSamePortNow() {
    SpanBodies span = span();
    post(Side.AFTER, "/v1/traces", "application/x-protobuf", span.otlp());
    assertRead(Side.AFTER, span);
    long now = Instant.now().getEpochSecond();
    SearchRequest all =
        SearchRequest.newBuilder()
            .setQuery("{}")
            .setStart((int) now - 3600)
            .setEnd((int) now + 60)
            .build();

    Rpc.Called called =
        rpc.callInClearText(http.get(Side.AFTER), SEARCH, all, as(GRAFANA, "payments"));

    assertThat(called.status()).isEqualTo(GrpcStatus.OK);
    assertThat(called.messages()).isNotEmpty();
  }

  /** The order of the guide, seen by a client that knows the Service's address only. */
  @Test
  void clientsKeepTheirAddressThroughCanarySwitchAndRollback() {
    try (ServiceAddress service = new ServiceAddress()) {
      service.leadsTo(http.get(Side.BEFORE));
      SpanBodies before = storeBy(service);
      assertThat(readsAnotherTenant(service)).isEqualTo(200);

      service.leadsTo(http.get(Side.BEFORE), http.get(Side.AFTER));
      storeBy(service);
      storeBy(service);

      service.leadsTo(http.get(Side.AFTER));
      SpanBodies after = storeBy(service);
      assertThat(readBy(service, before)).isEqualTo(200);
      assertThat(readsAnotherTenant(service)).isEqualTo(403);

      service.leadsTo(http.get(Side.BEFORE));
      storeBy(service);
      assertThat(readBy(service, after)).isEqualTo(200);
      assertThat(readsAnotherTenant(service)).isEqualTo(200);
    }
  }

  private SpanBodies storeBy(ServiceAddress service) {
    SpanBodies span = span();
    Reply sent =
        newConnection()
            .post(
                address(service, "/v1/traces"),
                span.otlp(),
                "authorization",
                COLLECTOR,
                TENANT,
                "payments",
                "content-type",
                "application/x-protobuf");
    assertThat(sent.status()).as("%s", sent).isEqualTo(200);
    Until.holds(
        "Tempo has " + span.traceId(), ARRIVES, () -> tempo.spans("payments", span.traceId()) == 1);
    assertThat(readBy(service, span)).isEqualTo(200);
    return span;
  }

  private static int readBy(ServiceAddress service, SpanBodies span) {
    String path = "/api/v2/traces/" + span.traceId();
    return newConnection().get(address(service, path), as(GRAFANA, "payments")).status();
  }

  private static int readsAnotherTenant(ServiceAddress service) {
    return newConnection().get(address(service, "/api/search"), as(GRAFANA, "showcase")).status();
  }

  private static String address(ServiceAddress service, String path) {
    return "http://127.0.0.1:" + service.port() + path;
  }

  private static Http newConnection() {
    return Http.one(TestCa.create());
  }

  private Reply post(Side side, String path, String type, byte[] body) {
    return client.post(
        url(side, path),
        body,
        "authorization",
        COLLECTOR,
        TENANT,
        "payments",
        "content-type",
        type);
  }

  private int statusOf(Side side, String path, String user, String tenant) {
    return client.get(url(side, path), as(user, tenant)).status();
  }

  private String url(Side side, String path) {
    return "http://127.0.0.1:" + http.get(side) + path;
  }

  private static SpanBodies span() {
    String id = Traces.newId();
    return new SpanBodies(
        id, "shop-" + id, "checkout", (System.currentTimeMillis() - 5_000) * 1_000_000);
  }

  private static String[] as(String user, String tenant) {
    return new String[] {"authorization", user, TENANT, tenant};
  }

  private static String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }
}
