package io.scopegate.gateway.route;

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

  /** The rows, in the order of the documentation. */
  static final List<Row> ALL =
      Stream.of(ingest(), queryByHttp(), queryByGrpc()).flatMap(List::stream).toList();

  private Rows() {}

  private static List<Row> ingest() {
    return List.of(
        grpc(Protocol.OTLP_GRPC, TRACE_SERVICE + "Export", Operation.WRITE),
        new Row(
            Protocol.OTLP_HTTP,
            List.of("POST"),
            "/v1/traces",
            new Endpoint("/v1/traces", false, Operation.WRITE, true)));
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
        query("/api/mcp", Operation.READ, "POST", "GET", "DELETE"),
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

  private static Row query(String pattern, Operation operation, String... methods) {
    return new Row(
        Protocol.TEMPO_QUERY,
        List.of(methods),
        pattern,
        new Endpoint(pattern, false, operation, false));
  }

  private static Row grpc(Protocol protocol, String name, Operation operation) {
    boolean ingest = operation == Operation.WRITE;
    return new Row(
        protocol, List.of("POST"), "/" + name, new Endpoint(name, true, operation, ingest));
  }
}
