package io.scopegate.gateway.route;

import io.scopegate.gateway.meter.BodyFormat;
import io.scopegate.gateway.meter.CostPlace;
import io.scopegate.gateway.meter.RangePlace;
import io.scopegate.gateway.meter.SizePlace;
import java.util.List;
import java.util.stream.Stream;

/**
 * The endpoint table: everything that Tempo offers to tenants, what each of it does to their data,
 * what it is charged as, how its spans are counted, where its range of time is, how much it may ask
 * for, and where the answer says what it cost. An exact allow-list, since the same Tempo ports also
 * answer {@code /flush}, {@code /status/config} or {@code tempopb.BackendScheduler}; what is not
 * written here is refused.
 *
 * @see <a href="https://grafana.com/docs/tempo/latest/api_docs/">Tempo's HTTP API</a>
 */
final class Rows {
  private static final String TRACE_SERVICE =
      "opentelemetry.proto.collector.trace.v1.TraceService/";
  private static final String QUERIER = "tempopb.StreamingQuerier/";
  private static final String OPEN_CENSUS = "opencensus.proto.agent.trace.v1.TraceService/";
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String THRIFT = "application/x-thrift";

  /** OTLP by HTTP. */
  static final Content OTLP =
      Content.of(PROTOBUF, BodyFormat.OTLP_PROTOBUF)
          .or("application/json", BodyFormat.OTLP_JSON)
          .answeredInKind();

  private static final Content ZIPKIN_V1 =
      Content.jsonUnless(BodyFormat.ZIPKIN_JSON, THRIFT, BodyFormat.ZIPKIN_THRIFT);
  private static final Content ZIPKIN_V2 =
      Content.jsonUnless(BodyFormat.ZIPKIN_JSON, PROTOBUF, BodyFormat.ZIPKIN_PROTOBUF);
  private static final Content JAEGER_THRIFT =
      Content.of(THRIFT, BodyFormat.JAEGER_THRIFT)
          .or("application/vnd.apache.thrift.binary", BodyFormat.JAEGER_THRIFT);

  /** The rows, in the order of the documentation. */
  static final List<Row> ALL =
      Stream.of(ingest(), queryByHttp(), queryByGrpc(), overrides()).flatMap(List::stream).toList();

  private Rows() {}

  private static List<Row> ingest() {
    return List.of(
        store(
            Protocol.OTLP_GRPC, TRACE_SERVICE + "Export", BodyFormat.OTLP_PROTOBUF, Traffic.INGEST),
        store(Protocol.OTLP_HTTP, "/v1/traces", OTLP),
        store(Protocol.ZIPKIN, "/api/v2/spans", ZIPKIN_V2),
        store(Protocol.ZIPKIN, "/api/v1/spans", ZIPKIN_V1),
        store(Protocol.ZIPKIN, "/spans", ZIPKIN_V2),
        store(Protocol.JAEGER_THRIFT_HTTP, "/api/traces", JAEGER_THRIFT),
        store(
            Protocol.JAEGER_GRPC,
            "jaeger.api_v2.CollectorService/PostSpans",
            BodyFormat.JAEGER_PROTOBUF,
            Traffic.INGEST),
        store(
            Protocol.OPENCENSUS,
            OPEN_CENSUS + "Export",
            BodyFormat.OPENCENSUS,
            Traffic.INGEST_STREAM));
  }

  private static List<Row> queryByHttp() {
    return List.of(
        query("/api/traces/{traceID}", CostPlace.NOWHERE, "GET"),
        query("/api/v2/traces/{traceID}", CostPlace.TRACE, "GET"),
        query("/api/v2/traces/diff", CostPlace.NOWHERE, "POST"),
        query("/api/search", CostPlace.SEARCH, "GET"),
        query("/api/search/tags", CostPlace.METADATA, "GET"),
        query("/api/v2/search/tags", CostPlace.METADATA, "GET"),
        query("/api/search/tag/{tag}/values", CostPlace.METADATA, "GET"),
        query("/api/v2/search/tag/{tag}/values", CostPlace.METADATA, "GET"),
        query("/api/metrics/query", CostPlace.SEARCH, "GET"),
        query("/api/metrics/query_range", CostPlace.SEARCH, "GET"),
        byHttp("/api/mcp", Operation.READ, Traffic.EVENTS, "POST", "GET", "DELETE"),
        byHttp("/api/echo", Operation.OPEN, Traffic.NONE, "GET"),
        byHttp("/api/status/buildinfo", Operation.OPEN, Traffic.NONE, "GET"));
  }

  private static List<Row> queryByGrpc() {
    return List.of(
        call("Search", RangePlace.seconds(5, 6), SizePlace.search(4, 9), CostPlace.SEARCH),
        call("SearchTags", RangePlace.seconds(3, 4), SizePlace.results(5), CostPlace.METADATA),
        call("SearchTagsV2", RangePlace.seconds(3, 4), SizePlace.results(5), CostPlace.METADATA),
        call("SearchTagValues", RangePlace.seconds(4, 5), SizePlace.results(6), CostPlace.METADATA),
        call(
            "SearchTagValuesV2",
            RangePlace.seconds(4, 5),
            SizePlace.results(6),
            CostPlace.METADATA),
        call(
            "MetricsQueryRange", RangePlace.nanos(2, 3), SizePlace.exemplars(16), CostPlace.SEARCH),
        call("MetricsQueryInstant", RangePlace.nanos(2, 3), SizePlace.NOWHERE, CostPlace.SEARCH));
  }

  private static List<Row> overrides() {
    return List.of(
        overrides(Operation.READ, "GET"), overrides(Operation.ADMIN, "POST", "PATCH", "DELETE"));
  }

  private static Row overrides(Operation operation, String... methods) {
    String path = "/api/overrides";
    return new Row(
        Protocol.TEMPO_OVERRIDES,
        List.of(methods),
        path,
        new Endpoint(path, false, operation, Traffic.QUERY),
        Content.ANY);
  }

  private static Row store(Protocol protocol, String path, Content content) {
    Endpoint endpoint = new Endpoint(path, false, Operation.WRITE, Traffic.INGEST);
    return new Row(protocol, List.of("POST"), path, endpoint, content);
  }

  private static Row store(Protocol protocol, String name, BodyFormat message, Traffic traffic) {
    Endpoint endpoint = new Endpoint(name, true, Operation.WRITE, traffic);
    return new Row(protocol, List.of("POST"), "/" + name, endpoint, Content.call(message));
  }

  private static Row query(String pattern, CostPlace cost, String... methods) {
    return byHttp(pattern, Operation.READ, Traffic.query(cost), methods);
  }

  private static Row byHttp(
      String pattern, Operation operation, Traffic traffic, String... methods) {
    return new Row(
        Protocol.TEMPO_QUERY,
        List.of(methods),
        pattern,
        new Endpoint(pattern, false, operation, traffic),
        Content.ANY);
  }

  private static Row call(String method, RangePlace range, SizePlace size, CostPlace cost) {
    String name = QUERIER + method;
    return new Row(
        Protocol.TEMPO_QUERY,
        List.of("POST"),
        "/" + name,
        new Endpoint(name, true, Operation.READ, Traffic.calls(range, size, cost)),
        Content.call(BodyFormat.OTHER));
  }
}
