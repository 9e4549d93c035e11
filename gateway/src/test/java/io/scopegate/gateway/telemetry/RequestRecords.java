package io.scopegate.gateway.telemetry;

import io.netty.util.AsciiString;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.scopegate.gateway.route.Traffic;

/** Finished requests for tests. */
final class RequestRecords {
  static final Endpoint SEARCH = new Endpoint("/api/search", false, Operation.READ, Traffic.QUERY);
  static final Endpoint EXPORT =
      new Endpoint(
          "opentelemetry.proto.collector.trace.v1.TraceService/Export",
          true,
          Operation.WRITE,
          Traffic.INGEST);

  private RequestRecords() {}

  static RequestRecord search() {
    return search("0123456789abcdef", "GET", "/api/search");
  }

  static RequestRecord search(String requestId, String method, String path) {
    return search(begun("query", false, "HTTP/1.1"), requestId, method, path);
  }

  private static RequestRecord begun(String listener, boolean tls, String protocol) {
    return new RequestRecord(listener, "10.1.2.3:40404", tls, protocol, 1_000_000_000L);
  }

  /** The same in objects of its own. */
  static RequestRecord searchAgain() {
    RequestRecord begun = begun(new String("query"), false, new String("HTTP/1.1"));
    return search(begun, "0123456789abcdef", "GET", "/api/search");
  }

  private static RequestRecord search(
      RequestRecord t, String requestId, CharSequence method, CharSequence path) {
    t.asked(requestId, method, path);
    t.endpoint = SEARCH;
    t.tenant = "showcase";
    t.user = "system:serviceaccount:observability:grafana";
    t.upstream = "query-frontend";
    t.status = 200;
    t.endNanos = 1_003_250_999L;
    t.bytesOut = 2_048;
    return t;
  }

  static RequestRecord export() {
    RequestRecord t =
        search(
            begun("otlp-grpc", true, "HTTP/2"),
            "0123456789abcdef",
            new AsciiString("POST"),
            new AsciiString("/opentelemetry.proto.collector.trace.v1.TraceService/Export"));
    t.endpoint = EXPORT;
    t.upstream = "distributor-otlp-grpc";
    t.grpcStatus = 0;
    t.bytesIn = 1_500;
    t.bytesOut = 7;
    return t;
  }

  /** The trace of a client that is recorded. */
  static RequestTrace trace() {
    TraceParent parent = new TraceParent(1, 2, 3, 1);
    return new RequestTrace(parent, new TraceParent(1, 2, 4, 1), "vendor=x", "tempo.example:3200");
  }

  static RequestRecord refused(Refusal.Reason reason, String tenant) {
    return refused("0123456789abcdef", reason, tenant);
  }

  static RequestRecord refused(String requestId, Refusal.Reason reason, String tenant) {
    RequestRecord t = search(requestId, "GET", "/api/search");
    t.tenant = tenant;
    t.upstream = "";
    t.status = 403;
    t.refusal = Refusal.of(reason, "authorize: \"no\"\n\u001b[31mrule");
    return t;
  }
}
