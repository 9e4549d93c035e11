package io.scopegate.gateway.meter;

import io.netty.util.AsciiString;
import java.util.Map;
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

  private static final Map<String, BodyFormat> BY_ENDPOINT =
      Map.of(
          "opentelemetry.proto.collector.trace.v1.TraceService/Export", OTLP_PROTOBUF,
          "jaeger.api_v2.CollectorService/PostSpans", JAEGER_PROTOBUF,
          "opencensus.proto.agent.trace.v1.TraceService/Export", OPENCENSUS,
          "/v1/traces", OTLP_PROTOBUF,
          "/api/traces", JAEGER_THRIFT,
          "/api/v2/spans", ZIPKIN_JSON,
          "/api/v1/spans", ZIPKIN_JSON,
          "/spans", ZIPKIN_JSON);

  /**
   * What the requests of an endpoint that stores hold.
   *
   * @param endpoint the name of its row in the endpoint table
   * @param contentType the request's
   */
  public static BodyFormat of(String endpoint, @Nullable CharSequence contentType) {
    BodyFormat usual = BY_ENDPOINT.getOrDefault(endpoint, OTHER);
    if (usual == OTLP_PROTOBUF && is(contentType, "application/json")) {
      return OTLP_JSON;
    }
    if (usual == ZIPKIN_JSON && is(contentType, "application/x-protobuf")) {
      return ZIPKIN_PROTOBUF;
    }
    return usual == ZIPKIN_JSON && is(contentType, "application/x-thrift") ? ZIPKIN_THRIFT : usual;
  }

  private static boolean is(@Nullable CharSequence contentType, String expected) {
    if (contentType == null
        || !AsciiString.regionMatches(contentType, true, 0, expected, 0, expected.length())) {
      return false;
    }
    return contentType.length() == expected.length()
        || " \t;".indexOf(contentType.charAt(expected.length())) >= 0;
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
