package io.scopegate.testkit.tempo;

/** The kinds of conversation that the stand-in tells apart, for faults and counts. */
public enum Surface {
  /** OTLP over gRPC. */
  OTLP_GRPC,
  /** OTLP over HTTP. */
  OTLP_HTTP,
  /** Zipkin's spans over HTTP. */
  ZIPKIN,
  /** Jaeger's Thrift over HTTP. */
  JAEGER_THRIFT,
  /** Jaeger's gRPC. */
  JAEGER_GRPC,
  /** OpenCensus over gRPC. */
  OPENCENSUS,
  /** The query API over HTTP. */
  QUERY_HTTP,
  /** The streaming query API over gRPC. */
  QUERY_GRPC
}
