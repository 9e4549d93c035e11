package io.scopegate.gateway.meter;

import org.jspecify.annotations.Nullable;

/** What a decoded body or gRPC message holds, by which its spans are found. */
public enum BodyFormat {
  /** {@code ExportTraceServiceRequest} of OTLP as protobuf. */
  OTLP_PROTOBUF,
  /** {@code ExportTraceServiceRequest} of OTLP as JSON. */
  OTLP_JSON,
  /** Zipkin's list of spans as JSON, version 1 or 2. */
  ZIPKIN_JSON,
  /** Zipkin's {@code ListOfSpans} as protobuf. */
  ZIPKIN_PROTOBUF,
  /** Zipkin's list of spans of version 1, in Thrift's binary protocol. */
  ZIPKIN_THRIFT,
  /** Jaeger's {@code Batch} in Thrift's binary protocol. */
  JAEGER_THRIFT,
  /** Jaeger's {@code PostSpansRequest} as protobuf. */
  JAEGER_PROTOBUF,
  /** OpenCensus' {@code ExportTraceServiceRequest} as protobuf. */
  OPENCENSUS,
  /** Anything else: its bytes are counted, and no spans. */
  OTHER;

  /** Whether the spans of such a body are found. */
  public boolean hasSpans() {
    return this != OTHER;
  }

  /** A scanner for such bodies; null when there are no spans to find. */
  @Nullable SpanScanner scanner() {
    return switch (this) {
      case OTLP_PROTOBUF -> new ProtobufScanner(1, 2, 2);
      case ZIPKIN_PROTOBUF -> new ProtobufScanner(1);
      case JAEGER_PROTOBUF -> new ProtobufScanner(1, 1);
      case OPENCENSUS -> new ProtobufScanner(2);
      case OTLP_JSON -> JsonScanner.otlp();
      case ZIPKIN_JSON -> JsonScanner.list();
      case JAEGER_THRIFT -> ThriftScanner.jaegerBatch();
      case ZIPKIN_THRIFT -> ThriftScanner.list();
      case OTHER -> null;
    };
  }
}
