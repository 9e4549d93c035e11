package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.scopegate.testkit.otlp.OtlpReceiver;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A mixed run of two tenants before a real Tempo: usage records against what the clients sent and
 * got, and what Tempo counted. A few seconds; ten minutes with {@code SCOPEGATE_E2E_LONG=true}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UsageRecordsIT {
  private static final boolean LONG = "true".equals(System.getenv("SCOPEGATE_E2E_LONG"));
  private static final Duration RUN = LONG ? Duration.ofMinutes(10) : Duration.ofSeconds(6);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long PAUSE_NANOS = 5_000_000;
  private static final int GRPC_PREFIX_BYTES = 5;

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String TRACED = "00-" + TRACE + "-00f067aa0ba902b7-01";

  /** The distributor counts a few bytes more for each write than what it passes on. */
  private static final int MOST_AROUND_BYTES = 4;

  private final Client showcase = new Client("showcase");
  private final Client payments = new Client("payments");
  private Cluster cluster;
  private Http http;
  @AutoClose private Rpc rpc;
  @AutoClose private Tempo.Real tempo;
  @AutoClose private GatewayRun gateway;
  @AutoClose private OtlpReceiver receiver;
  private Path auditFile;

  @BeforeAll
  void run() throws IOException {
    Parts.need("tempo");
    cluster = Cluster.shared();
    http = Http.one(cluster.ca());
    rpc = new Rpc(cluster.ca());
    tempo = new Tempo.Real();
    receiver = OtlpReceiver.open();
    auditFile = Scratch.directory("usage-audit").resolve("audit.log");
    gateway =
        GatewayRun.of(cluster, tempo.ports())
            .add("usage: {enabled: true, interval: 1d}")
            .add("forwarding: {drain: 1s}")
            .add("tracing: {refusalsPerSecond: 1000, otlp: {endpoint: \"" + receiver.url() + "\"}}")
            .add(
                """
                log:
                  successRatio: 0
                  refusedPerSecond: null
                  auditFile: "%s"
                  otlp:
                    endpoint: "%s"
                    tenant: ops
                    headers: {x-shared-secret: s3cret}
                    resource: {deployment.environment.name: e2e}
                """
                    .formatted(auditFile, receiver.url()))
            .start("usage");
    Random random = new Random(15);
    long until = System.nanoTime() + RUN.toNanos();
    while (System.nanoTime() - until < 0 || !showcase.hadAll() || !payments.hadAll()) {
      (random.nextInt(3) == 0 ? payments : showcase).act(random);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    gateway.process().terminate();
    assertThat(gateway.process().awaitEnd(PATIENCE)).isZero();
  }

  /** What one tenant's clients have done, by their own account. */
  private final class Client {
    private final String tenant;
    private long requests;
    private long writes;
    private long queries;
    private long forbidden;
    private long bytesIn;
    private long bytesOut;
    private long storedBytes;
    private long storedSpans;
    private long inspectedBytes;

    Client(String tenant) {
      this.tenant = tenant;
    }

    /** Whether there was at least one of each, as on a slow machine there may not be. */
    boolean hadAll() {
      return writes > 0 && queries > 0 && forbidden > 0;
    }

    void act(Random random) {
      int spans = 1 + random.nextInt(200);
      ExportTraceServiceRequest batch =
          asTempoWritesIt(Traces.batch(Traces.newId(), "checkout", "POST /cart", spans));
      requests++;
      switch (random.nextInt(6)) {
        case 0, 1 -> byGrpc(batch, spans);
        case 2 -> byHttp(batch, spans, batch.toByteArray());
        case 3 -> byHttp(batch, spans, gzip(batch.toByteArray()), "content-encoding", "gzip");
        case 4 -> search();
        default -> forbidden(batch.toByteArray());
      }
    }

    private String[] as(String account, String... more) {
      String[] all = new String[more.length + 4];
      System.arraycopy(more, 0, all, 4, more.length);
      all[0] = "authorization";
      all[1] = "Bearer " + cluster.token(tenant, account);
      all[2] = "x-scope-orgid";
      all[3] = tenant;
      return all;
    }

    private void byGrpc(ExportTraceServiceRequest batch, int spans) {
      Rpc.Called called =
          rpc.call(gateway.ports().otlpGrpc(), Collector.EXPORT, batch, as("ingest"));
      assertThat(called.status()).isEqualTo(GrpcStatus.OK);
      bytesIn += GRPC_PREFIX_BYTES + batch.getSerializedSize();
      called.messages().forEach(message -> bytesOut += GRPC_PREFIX_BYTES + message.length);
      stored(batch, spans);
    }

    private void byHttp(
        ExportTraceServiceRequest batch, int spans, byte[] body, String... headers) {
      String[] all = new String[headers.length + 2];
      System.arraycopy(headers, 0, all, 2, headers.length);
      all[0] = "content-type";
      all[1] = "application/x-protobuf";
      Http.Reply reply = http.post(gateway.otlpHttp("/v1/traces"), body, as("ingest", all));
      assertThat(reply.status()).isEqualTo(200);
      bytesIn += body.length;
      bytesOut += reply.body().length;
      stored(batch, spans);
    }

    private void stored(ExportTraceServiceRequest batch, int spans) {
      writes++;
      storedBytes += batch.getSerializedSize();
      storedSpans += spans;
    }

    private void search() {
      Http.Reply reply = http.get(gateway.query("/api/search?q=%7B%7D&limit=5"), as("query"));
      assertThat(reply.status()).isEqualTo(200);
      queries++;
      bytesOut += reply.body().length;
      Object inspected =
          new JsonObject(reply.text()).getJsonObject("metrics").getValue("inspectedBytes", "0");
      inspectedBytes += Long.parseLong(inspected.toString());
    }

    private void forbidden(byte[] body) {
      Http.Reply reply =
          http.post(
              gateway.otlpHttp("/v1/traces"),
              body,
              as("query", "content-type", "application/x-protobuf", "traceparent", TRACED));
      assertThat(reply.status()).isEqualTo(403);
      forbidden++;
      bytesOut += reply.body().length;
    }
  }

  /**
   * With the empty messages that Tempo, and SDKs in Go, write for a status and a scope that are not
   * given: it counts bytes of its own encoding.
   */
  private static ExportTraceServiceRequest asTempoWritesIt(ExportTraceServiceRequest batch) {
    ExportTraceServiceRequest.Builder all = batch.toBuilder();
    all.getResourceSpansBuilderList()
        .forEach(resource ->
            resource
                .getScopeSpansBuilderList()
                .forEach(scope -> {
                  scope.setScope(scope.getScope());
                  scope.getSpansBuilderList().forEach(span -> span.setStatus(span.getStatus()));
                }));
    return all.build();
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private Client of(String tenant) {
    return tenant.equals("showcase") ? showcase : payments;
  }

  private JsonObject record(String tenant) {
    return gateway
        .process()
        .output()
        .lines()
        .filter(line -> line.contains("\"type\":\"usage\""))
        .map(JsonObject::new)
        .filter(line -> tenant.equals(line.getString("tenant")))
        .reduce((one, other) -> {
          throw new AssertionError("two records: " + one + other);
        })
        .orElseThrow();
  }

  private long tempos(String metric, String tenant) {
    return Metrics.of(http.get(tempo.url("/metrics")).text())
        .sum(metric, "tenant=\"" + tenant + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"showcase", "payments"})
  void recordsSayWhatTheClientsSay(String tenant) {
    Client clients = of(tenant);
    JsonObject used = record(tenant);
    assertThat(clients.storedSpans).isPositive();
    assertThat(used.getLong("requests")).isEqualTo(clients.requests);
    assertThat(used.getLong("writes")).isEqualTo(clients.writes);
    assertThat(used.getLong("stored_spans")).isEqualTo(clients.storedSpans);
    assertThat(used.getLong("stored_bytes")).isEqualTo(clients.storedBytes);
    assertThat(used.getLong("queries")).isEqualTo(clients.queries);
    assertThat(used.getLong("inspected_bytes", 0L)).isEqualTo(clients.inspectedBytes);
    assertThat(used.getLong("refused_forbidden", 0L)).isEqualTo(clients.forbidden);
    assertThat(used.getLong("bytes_out")).isEqualTo(clients.bytesOut);
    // what came of a body before or after its refusal counts as received
    assertThat(used.getLong("bytes_in")).isGreaterThanOrEqualTo(clients.bytesIn);
  }

  @ParameterizedTest
  @ValueSource(strings = {"showcase", "payments"})
  void recordsSayWhatTempoSays(String tenant) {
    JsonObject used = record(tenant);
    assertThat(used.getLong("stored_spans"))
        .isEqualTo(tempos("tempo_distributor_spans_received_total", tenant));
    Until.holds(
        "Tempo has stored as many bytes",
        PATIENCE,
        () ->
            used.getLong("stored_bytes")
                == tempos("tempo_live_store_bytes_received_total", tenant));
    long atItsDoor = tempos("tempo_distributor_bytes_received_total", tenant);
    assertThat(atItsDoor - used.getLong("stored_bytes"))
        .as("what it has around each write")
        .isBetween(0L, MOST_AROUND_BYTES * used.getLong("writes"));
    assertThat(used.getLong("queries"))
        .isEqualTo(tempos("tempo_query_frontend_queries_total", tenant));
    assertThat(used.getLong("inspected_bytes"))
        .isEqualTo(tempos("tempo_query_frontend_bytes_inspected_total", tenant));
  }

  @Test
  void eachRefusalIsInTheFileOfTheAuditLog() throws IOException {
    assertThat(Files.readAllLines(auditFile))
        .hasSize((int) (showcase.forbidden + payments.forbidden))
        .allMatch(line -> new JsonObject(line).getString("decision").equals("deny"));
  }

  private List<LogRecord> sent(String event) {
    return receiver.logs().stream().filter(one -> one.getEventName().equals(event)).toList();
  }

  /** Each copy of a line has the time of its writing, and ages until then. */
  private static JsonObject timeless(String line) {
    JsonObject all = new JsonObject(line);
    all.remove("time");
    all.remove("authentication_age_ms");
    all.remove("authorization_age_ms");
    return all;
  }

  @Test
  void eachRefusalIsALogRecordAndASpanWithTheTraceOfTheRequest() throws IOException {
    List<LogRecord> records = sent("scopegate.audit");
    List<JsonObject> bodies =
        records.stream().map(one -> timeless(one.getBody().getStringValue())).toList();
    assertThat(bodies)
        .containsExactlyInAnyOrderElementsOf(
            Files.readAllLines(auditFile).stream().map(UsageRecordsIT::timeless).toList());
    assertThat(records)
        .allSatisfy(one -> {
          assertThat(one.getSeverityText()).isEqualTo("INFO");
          assertThat(HexFormat.of().formatHex(one.getTraceId().toByteArray())).isEqualTo(TRACE);
          assertThat(one.getTimeUnixNano()).isEqualTo(one.getObservedTimeUnixNano()).isPositive();
        });
    assertThat(receiver.spans()).hasSameSizeAs(records);
  }

  @Test
  void eachUsageRecordIsALogRecordWithTheSameText() {
    List<String> written =
        gateway
            .process()
            .output()
            .lines()
            .filter(line -> line.contains("\"type\":\"usage\""))
            .toList();
    assertThat(sent("scopegate.usage").stream().map(one -> one.getBody().getStringValue()))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(written);
  }

  @Test
  void logRecordsComeWithTenantHeadersAndResource() throws InterruptedException {
    OtlpReceiver.Request request = receiver.next();
    while (!request.path().equals("/v1/logs")) {
      request = receiver.next();
    }
    assertThat(request.header("X-Scope-OrgID")).isEqualTo("ops");
    assertThat(request.header("x-shared-secret")).isEqualTo("s3cret");
    assertThat(
            OtlpReceiver.attributes(
                request.logs().getResourceLogs(0).getResource().getAttributesList()))
        .containsEntry("service.name", "scopegate")
        .containsEntry("deployment.environment.name", "e2e")
        .containsKeys("service.version", "service.instance.id");
    assertThat(gateway.process().output()).doesNotContain("s3cret");
  }
}
