package io.scopegate.gateway.route;

/** A family of endpoints that a route lets in. */
public enum Serves {
  /** OTLP over gRPC. */
  OTLP_GRPC,
  /** OTLP over HTTP. */
  OTLP_HTTP,
  /** Zipkin's spans over HTTP. */
  ZIPKIN,
  /** Jaeger's Thrift over HTTP. */
  JAEGER_THRIFT_HTTP,
  /** Jaeger's gRPC. */
  JAEGER_GRPC,
  /** OpenCensus over gRPC. */
  OPENCENSUS,
  /** Tempo's query API over HTTP, and its streaming queries over gRPC. */
  TEMPO_QUERY,
  /** A tenant's own overrides. */
  TEMPO_OVERRIDES,
  /** Any path or gRPC method, as a read. */
  GENERIC_READ,
  /** Any path or gRPC method, as a write. */
  GENERIC_WRITE,
  /** Any path or gRPC method, with the verb of its HTTP method, as kube-rbac-proxy has it. */
  PROXY,
  /** The gateway's own {@code /healthz}; nothing is forwarded. */
  HEALTH
}
