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
    RequestRecord t = new RequestRecord();
    t.listener = "query";
    t.client = "10.1.2.3:40404";
    t.protocol = "HTTP/1.1";
    t.method = "GET";
    t.path = "/api/search";
    t.endpoint = SEARCH;
    t.tenant = "showcase";
    t.user = "system:serviceaccount:observability:grafana";
    t.upstream = "query-frontend";
    t.status = 200;
    t.startNanos = 1_000_000_000L;
    t.endNanos = 1_003_250_999L;
    t.bytesOut = 2_048;
    t.requestId = "0123456789abcdef";
    return t;
  }

  static RequestRecord export() {
    RequestRecord t = search();
    t.listener = "otlp-grpc";
    t.protocol = "HTTP/2";
    t.tls = true;
    t.method = new AsciiString("POST");
    t.path = new AsciiString("/opentelemetry.proto.collector.trace.v1.TraceService/Export");
    t.endpoint = EXPORT;
    t.upstream = "distributor-otlp-grpc";
    t.grpcStatus = 0;
    t.bytesIn = 1_500;
    t.bytesOut = 7;
    return t;
  }

  static RequestRecord refused(Refusal.Reason reason, String tenant) {
    RequestRecord t = search();
    t.tenant = tenant;
    t.upstream = "";
    t.status = 403;
    t.refusal = Refusal.of(reason, "authorize: \"no\"\n\u001b[31mrule");
    return t;
  }
}
