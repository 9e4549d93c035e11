package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Http.Reply;
import io.scopegate.testkit.OidcStandIn;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.tempo.SpanBodies;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The guide from the tempo-operator's gateway: its two files are imported by the command, with its
 * flags, and served. Clients send what they sent to that gateway: its paths, its tenant header over
 * gRPC, tokens of each tenant's issuer.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperatorGatewayMigrationIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final String DEV = "1610b0c3-c509-4592-a256-a1871353dbfa";
  private static final String PARTNER = "94c8b2a1-27e5-4d1b-8f4b-6f1f0c5b3a52";
  private static final String EXPORT = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String COLLECTOR = "collector@example.com";

  private final int http = FreePorts.next();
  private final int grpc = FreePorts.next();
  private final int admin = FreePorts.next();
  private final Http client = Http.one(TestCa.create());
  @AutoClose private final Rpc rpc = new Rpc(TestCa.create());
  @AutoClose private final OidcStandIn dex = OidcStandIn.start();
  @AutoClose private final OidcStandIn login = OidcStandIn.start();
  @AutoClose private Tempo tempo;
  @AutoClose private Part gateway;

  @BeforeAll
  void start() {
    tempo = Tempo.start();
    Migration migration = new Migration("migrate-from-tempo-operator-gateway");
    Path issuers = migration.directory();
    dex.ca().writePem(issuers.resolve("dex.crt"));
    login.ca().writePem(issuers.resolve("partner.crt"));
    Path tenants =
        migration.write(
            "tenants.yaml",
            Map.of(
                "https://dex\\.example/dex", dex.issuer(),
                "https://login\\.partner\\.example", login.issuer(),
                "/etc/issuers/", issuers + "/"));
    Path rbac = migration.write("rbac.yaml", Map.of());
    Path imported = imported(migration, tenants, rbac);
    gateway = migration.gateway(imported, admin);
    Until.holds(
        "the issuers' keys are known",
        ARRIVES,
        () ->
            Metrics.of(client.get("http://127.0.0.1:" + admin + "/metrics").text())
                    .sum("scopegate_issuer_keys", "")
                >= 2);
  }

  private Path imported(Migration migration, Path tenants, Path rbac) {
    GatewayRun.Upstreams to = tempo.ports();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("io.scopegate.gateway.cli.Main", "import", "observatorium"));
    command.addAll(List.of("--tenants", tenants.toString(), "--rbac", rbac.toString(), "--"));
    command.add("--traces.tenant-header=x-scope-orgid");
    command.add("--web.listen=127.0.0.1:" + http);
    command.add("--grpc.listen=127.0.0.1:" + grpc);
    command.add("--web.internal.listen=127.0.0.1:" + admin);
    command.add("--traces.write.otlpgrpc.endpoint=127.0.0.1:" + to.otlpGrpc());
    command.add("--traces.write.otlphttp.endpoint=http://127.0.0.1:" + to.otlpHttp());
    command.add("--traces.tempo.endpoint=http://127.0.0.1:" + to.query());
    Map<String, String> classPath = Map.of("CLASSPATH", System.getProperty("java.class.path"));
    Part.Ended ended =
        Part.run("import", migration.directory(), classPath, Duration.ofSeconds(60), command);
    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output()).doesNotContain("a-secret-that-is-not-read", "another-one");
    return Scratch.write(
        migration.directory().resolve("scopegate.yaml"),
        ended.output().replaceAll("127\\.0\\.0\\.1:8082", "127.0.0.1:" + FreePorts.next()));
  }

  @Test
  void aCollectorByHttpAndADataSourceKeepTheirPaths() {
    SpanBodies span = span();

    Reply sent = post("/api/traces/v1/dev/v1/traces", token(dex, "tempo-gateway", COLLECTOR), span);

    assertThat(sent.status()).as("%s", sent).isEqualTo(200);
    awaitSpan(DEV, span);
    Reply read = get("dev", span, token(dex, "tempo-gateway", "jane@example.com", "sre"));
    assertThat(read.status()).as("%s", read).isEqualTo(200);
    assertThat(read.text()).contains("checkout");
    assertThat(tempo.spans("dev", span.traceId())).isZero();
  }

  @Test
  void aCollectorByGrpcKeepsItsTenantHeader() {
    SpanBodies span = span();

    GrpcStatus status =
        rpc.callInClearText(
                grpc,
                EXPORT,
                span.otlp(),
                "authorization",
                token(login, "traces", COLLECTOR),
                "x-scope-orgid",
                "partner")
            .status();

    assertThat(status).isEqualTo(GrpcStatus.OK);
    awaitSpan(PARTNER, span);
    assertThat(get("partner", span, token(login, "traces", COLLECTOR)).status()).isEqualTo(200);
  }

  @Test
  void theSameNameAtAnotherIssuerIsSomebodyElse() {
    SpanBodies span = span();
    String partners = token(login, "traces", COLLECTOR);
    String devs = token(dex, "tempo-gateway", COLLECTOR);

    assertThat(post("/api/traces/v1/dev/v1/traces", partners, span).status()).isEqualTo(403);
    assertThat(post("/api/traces/v1/partner/v1/traces", devs, span).status()).isEqualTo(403);
    assertThat(get("dev", span, token(login, "traces", "dev:" + COLLECTOR)).status())
        .isEqualTo(403);
    assertThat(get("dev", span, token(login, "traces", "x", "sre", "dev:sre")).status())
        .isEqualTo(403);
    assertThat(tempo.spans(DEV, span.traceId())).isZero();
    assertThat(tempo.spans(PARTNER, span.traceId())).isZero();
  }

  @Test
  void tokensOfAnotherClientAreRefused() {
    assertThat(get("dev", span(), token(dex, "traces", COLLECTOR)).status()).isEqualTo(401);
    assertThat(get("partner", span(), token(login, "tempo-gateway", COLLECTOR)).status())
        .isEqualTo(401);
  }

  @Test
  void whoHasNoRoleIsRefused() {
    assertThat(get("dev", span(), token(dex, "tempo-gateway", "joe@example.com")).status())
        .isEqualTo(403);
    assertThat(get("nobody", span(), token(dex, "tempo-gateway", COLLECTOR)).status())
        .isEqualTo(403);
  }

  private Reply post(String path, String token, SpanBodies span) {
    return client.post(
        "http://127.0.0.1:" + http + path,
        span.otlp(),
        "authorization",
        token,
        "content-type",
        "application/x-protobuf");
  }

  private Reply get(String tenant, SpanBodies span, String token) {
    String path = "/api/traces/v1/" + tenant + "/tempo/api/v2/traces/" + span.traceId();
    return client.get("http://127.0.0.1:" + http + path, "authorization", token);
  }

  private void awaitSpan(String id, SpanBodies span) {
    Until.holds("Tempo has " + span.traceId(), ARRIVES, () -> tempo.spans(id, span.traceId()) == 1);
  }

  private static SpanBodies span() {
    String id = Traces.newId();
    return new SpanBodies(
        id, "shop-" + id, "checkout", (System.currentTimeMillis() - 5_000) * 1_000_000);
  }

  private static String token(OidcStandIn issuer, String client, String email, String... groups) {
    JsonArray all = new JsonArray(List.of(groups));
    JsonObject claims =
        new JsonObject()
            .put("aud", client)
            .put("sub", "sub-of-" + email)
            .put("email", email)
            .put("exp", System.currentTimeMillis() / 1000 + 600);
    return "Bearer " + issuer.sign(all.isEmpty() ? claims : claims.put("groups", all));
  }
}
