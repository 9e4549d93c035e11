package io.scopegate.gateway.route;

import io.scopegate.gateway.route.Endpoint.Pauses;
import java.util.List;
import java.util.stream.Stream;

/**
 * The endpoint table: everything that Tempo offers to tenants, and what each of it does to their
 * data. An exact allow-list, since the same Tempo ports also answer {@code /flush}, {@code
 * /status/config} or {@code tempopb.BackendScheduler}; what is not written here is refused.
 *
 * @see <a href="https://grafana.com/docs/tempo/latest/api_docs/">Tempo's HTTP API</a>
 */
final class Rows {
  private static final String TRACE_SERVICE =
      "opentelemetry.proto.collector.trace.v1.TraceService/";
  private static final String QUERIER = "tempopb.StreamingQuerier/";
  private static final String OPEN_CENSUS = "opencensus.proto.agent.trace.v1.TraceService/";

  /** The rows, in the order of the documentation. */
  static final List<Row> ALL =
      Stream.of(ingest(), queryByHttp(), queryByGrpc(), overrides()).flatMap(List::stream).toList();

  private Rows() {}

  private static List<Row> ingest() {
    return List.of(
        grpc(Protocol.OTLP_GRPC, TRACE_SERVICE + "Export", Operation.WRITE),
        write(Protocol.OTLP_HTTP, "/v1/traces", Content.OTLP),
        write(Protocol.ZIPKIN, "/api/v2/spans", Content.ZIPKIN_V2),
        write(Protocol.ZIPKIN, "/api/v1/spans", Content.ZIPKIN_V1),
        write(Protocol.ZIPKIN, "/spans", Content.ZIPKIN_V2),
        write(Protocol.JAEGER_THRIFT_HTTP, "/api/traces", Content.JAEGER_THRIFT),
        grpc(Protocol.JAEGER_GRPC, "jaeger.api_v2.CollectorService/PostSpans", Operation.WRITE),
        openCensus());
  }

  /** A stream for as long as the client lives, on which only the client speaks. */
  private static Row openCensus() {
    String name = OPEN_CENSUS + "Export";
    return new Row(
        Protocol.OPENCENSUS,
        List.of("POST"),
        "/" + name,
        new Endpoint(name, true, Operation.WRITE, true, Pauses.BOTH),
        Content.ANY);
  }

  private static List<Row> queryByHttp() {
    return List.of(
        query("/api/traces/{traceID}", Operation.READ, "GET"),
        query("/api/v2/traces/{traceID}", Operation.READ, "GET"),
        query("/api/v2/traces/diff", Operation.READ, "POST"),
        query("/api/search", Operation.READ, "GET"),
        query("/api/search/tags", Operation.READ, "GET"),
        query("/api/v2/search/tags", Operation.READ, "GET"),
        query("/api/search/tag/{tag}/values", Operation.READ, "GET"),
        query("/api/v2/search/tag/{tag}/values", Operation.READ, "GET"),
        query("/api/metrics/query", Operation.READ, "GET"),
        query("/api/metrics/query_range", Operation.READ, "GET"),
        mcp(),
        query("/api/echo", Operation.OPEN, "GET"),
        query("/api/status/buildinfo", Operation.OPEN, "GET"));
  }

  private static List<Row> queryByGrpc() {
    return Stream.of(
            "Search",
            "SearchTags",
            "SearchTagsV2",
            "SearchTagValues",
            "SearchTagValuesV2",
            "MetricsQueryRange",
            "MetricsQueryInstant")
        .map(method -> grpc(Protocol.TEMPO_QUERY, QUERIER + method, Operation.READ))
        .toList();
  }

  private static List<Row> overrides() {
    return List.of(
        overrides(Operation.READ, "GET"), overrides(Operation.ADMIN, "POST", "PATCH", "DELETE"));
  }

  private static Row overrides(Operation operation, String... methods) {
    String path = "/api/overrides";
    Endpoint endpoint = new Endpoint(path, false, operation, false);
    return new Row(Protocol.TEMPO_OVERRIDES, List.of(methods), path, endpoint, Content.ANY);
  }

  /** Its answers may be events, minutes apart. */
  private static Row mcp() {
    String path = "/api/mcp";
    return new Row(
        Protocol.TEMPO_QUERY,
        List.of("POST", "GET", "DELETE"),
        path,
        new Endpoint(path, false, Operation.READ, false, Pauses.ANSWER),
        Content.ANY);
  }

  private static Row write(Protocol protocol, String path, Content content) {
    Endpoint endpoint = new Endpoint(path, false, Operation.WRITE, true);
    return new Row(protocol, List.of("POST"), path, endpoint, content);
  }

  private static Row query(String pattern, Operation operation, String... methods) {
    return new Row(
        Protocol.TEMPO_QUERY,
        List.of(methods),
        pattern,
        new Endpoint(pattern, false, operation, false),
        Content.ANY);
  }

  private static Row grpc(Protocol protocol, String name, Operation operation) {
    boolean ingest = operation == Operation.WRITE;
    return new Row(
        protocol,
        List.of("POST"),
        "/" + name,
        new Endpoint(name, true, operation, ingest),
        Content.ANY);
  }
}
