package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Http.Reply;
import io.scopegate.testkit.tempo.SpanBodies;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.grpc.common.GrpcStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way into Tempo, and MCP's way to what is in it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DoorsIT {
  private static final Duration ARRIVES = Duration.ofSeconds(60);
  private static final String TENANT = "x-scope-orgid";

  private final Map<String, Integer> ports =
      Map.of(
          "zipkin", FreePorts.next(),
          "jaeger-thrift", FreePorts.next(),
          "jaeger-grpc", FreePorts.next(),
          "one", FreePorts.next());
  private Cluster cluster;
  @AutoClose private Tempo tempo;
  @AutoClose private GatewayRun gateway;
  @AutoClose private Rpc rpc;
  private Http http;
  private String ingest;
  private String query;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    tempo = Tempo.start();
    gateway =
        GatewayRun.of(cluster, tempo.ports())
            .replace("\nlisteners:\n", "\n" + upstreams() + "listeners:\n" + listeners())
            .start("doors");
    rpc = new Rpc(cluster.ca());
    http = Http.one(cluster.ca());
    ingest = "Bearer " + cluster.token("showcase", "ingest");
    query = "Bearer " + cluster.token("showcase", "query");
  }

  private String upstreams() {
    return """
      zipkin: {url: "http://127.0.0.1:%d", protocol: http1}
      jaeger-thrift: {url: "http://127.0.0.1:%d", protocol: http1}
      jaeger-grpc: {url: "http://127.0.0.1:%d", protocol: h2c}
    """
        .formatted(
            tempo.others().zipkin(), tempo.others().jaegerThrift(), tempo.others().jaegerGrpc());
  }

  private String listeners() {
    return """
      zipkin: {address: "127.0.0.1:%d", serves: [zipkin], upstream: zipkin}
      jaeger-thrift: {address: "127.0.0.1:%d", serves: [jaeger-thrift-http], upstream: jaeger-thrift}
      jaeger-grpc: {address: "127.0.0.1:%d", serves: [jaeger-grpc], upstream: jaeger-grpc}
      one:
        address: "127.0.0.1:%d"
        tenantInPath: true
        grpcWeb: true
        routes:
          - {serves: [otlp-grpc], upstream: distributor-otlp-grpc}
          - {serves: [otlp-http], upstream: distributor-otlp-http}
          - {serves: [zipkin], upstream: zipkin}
          - {serves: [jaeger-thrift-http], upstream: jaeger-thrift}
          - {serves: [jaeger-grpc], upstream: jaeger-grpc}
          - {serves: [tempo-query], upstream: query-frontend}
    """
        .formatted(
            ports.get("zipkin"),
            ports.get("jaeger-thrift"),
            ports.get("jaeger-grpc"),
            ports.get("one"));
  }

  /**
   * A way in.
   *
   * @param name of the listener, or of the contract's
   * @param target a path or a gRPC method
   * @param type the content type; empty for gRPC
   */
  private record Door(String name, String target, String type, Body body) {
    @Override
    public String toString() {
      return name + ' ' + target + ' ' + type;
    }
  }

  private interface Body {
    byte[] of(SpanBodies span);
  }

  static Stream<Door> doors() {
    String json = "application/json";
    String protobuf = "application/x-protobuf";
    String thrift = "application/x-thrift";
    return Stream.of(
        new Door(
            "otlp-grpc",
            "opentelemetry.proto.collector.trace.v1.TraceService/Export",
            "",
            SpanBodies::otlp),
        new Door("otlp-http", "/v1/traces", protobuf, SpanBodies::otlp),
        new Door("zipkin", "/api/v2/spans", json, SpanBodies::zipkinJson),
        new Door("zipkin", "/spans", protobuf, SpanBodies::zipkinProtobuf),
        new Door("zipkin", "/api/v1/spans", json, SpanBodies::zipkinV1Json),
        new Door("zipkin", "/api/v1/spans", thrift, SpanBodies::zipkinThrift),
        new Door("jaeger-thrift", "/api/traces", thrift, SpanBodies::jaegerThrift),
        new Door(
            "jaeger-grpc",
            "jaeger.api_v2.CollectorService/PostSpans",
            "",
            SpanBodies::jaegerProtobuf),
        new Door(
            "one",
            "opentelemetry.proto.collector.trace.v1.TraceService/Export",
            "",
            SpanBodies::otlp),
        new Door("one", "/spans", json, SpanBodies::zipkinJson),
        new Door("one", "/api/traces", thrift, SpanBodies::jaegerThrift),
        new Door("one", "/api/traces/v1/showcase/v1/traces", protobuf, SpanBodies::otlp));
  }

  @Test
  void aPageExportsByGrpcWebAndATenantInThePathReadsOnOnePort() {
    String id = Traces.newId();
    byte[] message = new SpanBodies(id, "page", "click", now()).otlp();
    byte[] frame =
        ByteBuffer.allocate(5 + message.length)
            .put((byte) 0)
            .putInt(message.length)
            .put(message)
            .array();
    String one = "https://localhost:" + ports.get("one");
    String export = one + "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    String[] page = {"content-type", "application/grpc-web+proto"};

    assertThat(http.post(export, frame, as(query, page)).text()).contains("grpc-status: 7");
    assertThat(http.post(export, frame, as(ingest, page)).text()).contains("grpc-status: 0");

    Until.holds("Tempo has " + id, ARRIVES, () -> tempo.spans("showcase", id) == 1);
    String path = one + "/api/traces/v1/showcase/tempo/api/v2/traces/" + id;
    assertThat(http.get(path, as(query)).text()).contains("click");
    assertThat(http.get(path, as(ingest)).status()).isEqualTo(403);
  }

  @ParameterizedTest
  @MethodSource("doors")
  void whatIsSentIsFoundAgainByIdAndBySearchUnderItsTenant(Door door) {
    String id = Traces.newId();
    String service = "shop-" + id;

    send(door, new SpanBodies(id, service, "checkout", now()));

    Until.holds("Tempo has " + id, ARRIVES, () -> tempo.spans("showcase", id) == 1);
    assertThat(tempo.spans("payments", id)).isZero();
    Reply byId = http.get(gateway.query("/api/v2/traces/" + id), as(query));
    assertThat(byId.text()).contains(service).contains("checkout");
    String q = "/api/search?q=%7B%20resource.service.name%20%3D%20%22" + service + "%22%20%7D&";
    Until.holds(
        "the search finds " + id,
        ARRIVES,
        () ->
            http.get(gateway.query(between(q)), as(query))
                .text()
                .contains(id.replaceFirst("^0+", "")));
  }

  private void send(Door door, SpanBodies span) {
    byte[] body = door.body().of(span);
    if (door.type().isEmpty()) {
      assertThat(rpc.call(port(door), door.target(), body, as(ingest)).status())
          .isEqualTo(GrpcStatus.OK);
    } else {
      String url = "https://localhost:" + port(door) + door.target();
      Reply reply = http.post(url, body, as(ingest, "content-type", door.type()));
      assertThat(reply.status()).as("%s", reply).isBetween(200, 202);
    }
  }

  @ParameterizedTest
  @MethodSource("doors")
  void whoMayOnlyReadMayNotWrite(Door door) {
    byte[] body = door.body().of(new SpanBodies(Traces.newId(), "shop", "checkout", now()));
    if (door.type().isEmpty()) {
      assertThat(rpc.call(port(door), door.target(), body, as(query)).status())
          .isEqualTo(GrpcStatus.PERMISSION_DENIED);
    } else {
      String url = "https://localhost:" + port(door) + door.target();
      assertThat(http.post(url, body, as(query, "content-type", door.type())).status())
          .isEqualTo(403);
    }
  }

  private int port(Door door) {
    return switch (door.name()) {
      case "otlp-grpc" -> gateway.ports().otlpGrpc();
      case "otlp-http" -> gateway.ports().otlpHttp();
      default -> ports.get(door.name());
    };
  }

  @Test
  void aSessionOfMcpListsToolsAndSearches() {
    Assumptions.assumeTrue(tempo.isReal(), "no tempo: see e2e/README.md");
    String id = Traces.newId();
    String service = "mcp-" + id;
    send(doors().findFirst().orElseThrow(), new SpanBodies(id, service, "checkout", now()));
    Reply begun =
        mcp(
            "",
            call("initialize")
                .put(
                    "params",
                    new JsonObject()
                        .put("protocolVersion", "2025-03-26")
                        .put("capabilities", new JsonObject())
                        .put(
                            "clientInfo",
                            new JsonObject().put("name", "e2e").put("version", "1"))));
    assertThat(begun.status()).as("%s", begun).isEqualTo(200);
    String session = begun.headers().firstValue("mcp-session-id").orElse("");
    JsonObject ready =
        new JsonObject().put("jsonrpc", "2.0").put("method", "notifications/initialized");
    assertThat(mcp(session, ready).status()).isBetween(200, 202);

    JsonArray tools = result(mcp(session, call("tools/list"))).getJsonArray("tools");
    assertThat(tools.stream().map(tool -> ((JsonObject) tool).getString("name")))
        .contains("traceql-search");

    JsonObject search =
        call("tools/call")
            .put(
                "params",
                new JsonObject()
                    .put("name", "traceql-search")
                    .put(
                        "arguments",
                        new JsonObject()
                            .put("query", "{ resource.service.name = \"" + service + "\" }")));
    Until.holds(
        "MCP finds " + id,
        ARRIVES,
        () -> mcp(session, search).text().contains(id.replaceFirst("^0+", "")));
  }

  private Reply mcp(String session, JsonObject message) {
    List<String> headers =
        new ArrayList<>(
            List.of(
                "content-type",
                "application/json",
                "accept",
                "application/json, text/event-stream"));
    if (!session.isEmpty()) {
      headers.addAll(List.of("mcp-session-id", session));
    }
    return http.post(
        gateway.query("/api/mcp"),
        message.encode().getBytes(StandardCharsets.UTF_8),
        as(query, headers.toArray(String[]::new)));
  }

  private static JsonObject call(String method) {
    return new JsonObject().put("jsonrpc", "2.0").put("id", 1).put("method", method);
  }

  /** Of an answer that is JSON, or one event. */
  private static JsonObject result(Reply reply) {
    String text = reply.text();
    int begin = text.indexOf('{');
    assertThat(begin).as("%s", reply).isNotNegative();
    return new JsonObject(text.substring(begin)).getJsonObject("result");
  }

  private static long now() {
    return (System.currentTimeMillis() - 5_000) * 1_000_000;
  }

  private static String between(String path) {
    long now = Instant.now().getEpochSecond();
    return path + "start=" + (now - 600) + "&end=" + (now + 10);
  }

  private static String[] as(String authorization, String... more) {
    String[] all = Arrays.copyOf(more, more.length + 4);
    all[more.length] = "authorization";
    all[more.length + 1] = authorization;
    all[more.length + 2] = TENANT;
    all[more.length + 3] = "showcase";
    return all;
  }
}
