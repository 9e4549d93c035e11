package io.scopegate.testkit.body;

/** What a body holds. */
public enum Format {
  /** OTLP as protobuf. */
  OTLP_PROTOBUF,
  /** OTLP as JSON. */
  OTLP_JSON,
  /** Zipkin's list of spans as JSON. */
  ZIPKIN_JSON,
  /** Zipkin's list of spans as protobuf. */
  ZIPKIN_PROTOBUF,
  /** Zipkin's list of spans in Thrift's binary protocol. */
  ZIPKIN_THRIFT,
  /** Jaeger's batch in Thrift's binary protocol. */
  JAEGER_THRIFT,
  /** Jaeger's batch as protobuf. */
  JAEGER_PROTOBUF,
  /** OpenCensus' export as protobuf. */
  OPENCENSUS
}
