package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.Traces;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A collector that is traced, the gateway and a real Tempo: their spans are one trace there. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TracingIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String OPERATORS = "ops";

  private final int toGrpc = FreePorts.next();
  private final int toHttp = FreePorts.next();
  private Cluster cluster;
  private Http http;
  @AutoClose private Tempo.Real tempo;
  @AutoClose private GatewayRun gateway;
  @AutoClose private Part collector;
  @AutoClose private Rpc rpc;

  /**
   * A span in Tempo.
   *
   * @param service who recorded it
   * @param id its id
   * @param parent the id of its parent; empty for none
   * @param attributes as text
   */
  private record Found(String service, String id, String parent, Map<String, String> attributes) {}

  @BeforeAll
  void start() {
    Parts.need("tempo");
    Parts.need("otelcol");
    cluster = Cluster.shared();
    http = Http.one(cluster.ca());
    rpc = new Rpc(cluster.ca());
    tempo = new Tempo.Real();
    gateway =
        GatewayRun.of(cluster, tempo.ports())
            .add("tracing: {otlp: {endpoint: \"" + spansUrl() + "\", tenant: " + OPERATORS + "}}")
            .start("traced");
    collector = collector();
  }

  private String spansUrl() {
    return "http://127.0.0.1:" + tempo.ports().otlpHttp();
  }

  private Part collector() {
    Path directory = Scratch.directory("tracing-collector");
    int health = FreePorts.next();
    String token = cluster.token("showcase", "ingest");
    Path config =
        Scratch.write(
            directory.resolve("collector.yaml"),
            Scratch.template(
                "tracing-collector.yaml",
                Map.of(
                    "TOKEN_FILE", Scratch.write(directory.resolve("token"), token).toString(),
                    "TENANT", "showcase",
                    "GATE_OTLP_GRPC", "localhost:" + gateway.ports().otlpGrpc(),
                    "GATE_OTLP_HTTP", "https://localhost:" + gateway.ports().otlpHttp(),
                    "GATE_CA_FILE", cluster.ca().writePem(directory.resolve("ca.crt")).toString(),
                    "COLLECTOR_HEALTH_PORT", Integer.toString(health),
                    "COLLECTOR_TO_GRPC_PORT", Integer.toString(toGrpc),
                    "COLLECTOR_TO_HTTP_PORT", Integer.toString(toHttp),
                    "SPANS_URL", spansUrl(),
                    "SPANS_TENANT", OPERATORS)));
    Part started =
        Part.start(
            "otelcol",
            directory,
            Map.of(),
            List.of(Parts.need("otelcol").toString(), "--config", config.toString()));
    Until.holds(
        "the collector is ready",
        PATIENCE,
        () -> http.get("http://127.0.0.1:" + health + "/").status() == 200);
    return started;
  }

  /** Lines of the access log for an endpoint. */
  private List<JsonObject> access(String endpoint) {
    return gateway
        .process()
        .output()
        .lines()
        .filter(line -> line.startsWith("{") && line.contains("\"type\":\"access\""))
        .map(JsonObject::new)
        .filter(line -> endpoint.equals(line.getString("endpoint")))
        .toList();
  }

  private List<Found> trace(String id) {
    Http.Reply reply =
        http.get(
            tempo.url("/api/v2/traces/" + id),
            "x-scope-orgid",
            OPERATORS,
            "accept",
            "application/json");
    List<Found> found = new ArrayList<>();
    if (reply.status() != 200 || reply.text().isEmpty()) {
      return found;
    }
    JsonObject trace = new JsonObject(reply.text()).getJsonObject("trace", new JsonObject());
    each(trace, "resourceSpans")
        .forEach(resource -> {
          String service =
              attributes(resource.getJsonObject("resource")).getOrDefault("service.name", "");
          each(resource, "scopeSpans").stream()
              .flatMap(scope -> each(scope, "spans").stream())
              .forEach(span ->
                  found.add(
                      new Found(
                          service,
                          span.getString("spanId"),
                          span.getString("parentSpanId", ""),
                          attributes(span))));
        });
    return found;
  }

  private static List<JsonObject> each(JsonObject of, String field) {
    return of.getJsonArray(field, new JsonArray()).stream().map(JsonObject.class::cast).toList();
  }

  private static Map<String, String> attributes(JsonObject of) {
    return each(of, "attributes").stream()
        .collect(
            Collectors.toMap(
                pair -> pair.getString("key"),
                pair -> pair.getJsonObject("value").iterator().next().getValue().toString(),
                (one, other) -> other));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void collectorAndGatewayAreOneTraceInTempo(boolean grpc) {
    String endpoint =
        grpc ? "opentelemetry.proto.collector.trace.v1.TraceService/Export" : "/v1/traces";
    Rpc.Called called =
        rpc.callInClearText(
            grpc ? toGrpc : toHttp,
            Collector.EXPORT,
            Traces.batch(Traces.newId(), "checkout", "POST /cart", 3));
    assertThat(called.status()).isEqualTo(GrpcStatus.OK);
    Until.holds("the export is logged", PATIENCE, () -> !access(endpoint).isEmpty());
    String id = access(endpoint).get(0).getString("trace_id");
    assertThat(id).as("the id in the access log").hasSize(32);

    Until.holds(
        "collector and gateway are in the trace " + id,
        PATIENCE,
        () -> trace(id).stream().map(Found::service).distinct().count() >= 2);
    List<Found> trace = trace(id);
    List<Found> own = trace.stream().filter(span -> span.service().equals("scopegate")).toList();
    assertThat(own).as("%s", trace).hasSize(1);
    assertThat(own.get(0).attributes())
        .containsEntry("scopegate.tenant", "showcase")
        .containsEntry("scopegate.outcome", "ok")
        .containsEntry("scopegate.operation", "write");
    List<String> ids = trace.stream().map(Found::id).toList();
    assertThat(trace.stream().filter(span -> !ids.contains(span.parent())))
        .as("spans without a parent in the trace: %s", trace)
        .hasSize(1)
        .noneMatch(span -> span.service().equals("scopegate"));
  }

  @Test
  void aReadThatIsRefusedIsATraceOfItsOwn() {
    String ingest = "Bearer " + cluster.token("showcase", "ingest");
    String clients = Traces.newId();
    Http.Reply reply =
        http.get(
            gateway.query("/api/search"),
            "authorization",
            ingest,
            "x-scope-orgid",
            "showcase",
            "traceparent",
            "00-" + clients + "-00f067aa0ba902b7-00");
    assertThat(reply.status()).isEqualTo(403);
    String search = "/api/search?q=%7Bspan.scopegate.refusal%3D%22forbidden%22%7D";
    Until.holds(
        "Tempo finds the refusal",
        PATIENCE,
        () ->
            http.get(tempo.url(search), "x-scope-orgid", OPERATORS)
                .text()
                .contains("GET /api/search"));
    assertThat(trace(clients)).as("the client's trace").isEmpty();
  }
}
