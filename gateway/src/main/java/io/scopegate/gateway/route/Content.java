package io.scopegate.gateway.route;

import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.meter.BodyFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the bodies of a row's requests hold, told by their content type as Tempo's receivers tell
 * it. It is one answer to two questions, whether a type is taken and how its spans are counted, so
 * that nothing is taken as what it is not.
 */
enum Content {
  /** Any content; it is forwarded without counting spans. */
  ANY(List.of()),

  /** OTLP by gRPC. */
  OTLP_CALL(List.of(Content.GRPC)),

  /** Jaeger's gRPC. */
  JAEGER_CALL(List.of(Content.GRPC)),

  /** OpenCensus' gRPC. */
  OPENCENSUS_CALL(List.of(Content.GRPC)),

  /** A gRPC call that has no spans. */
  OTHER_CALL(List.of(Content.GRPC)),

  /** OTLP by HTTP, which answers in the request's own encoding. */
  OTLP(List.of(Content.PROTOBUF, Content.JSON)),

  /** Zipkin's first version: JSON unless it is exactly Thrift. */
  ZIPKIN_V1(List.of(Content.JSON, Content.THRIFT)),

  /** Zipkin's second version: JSON unless it is exactly protobuf. */
  ZIPKIN_V2(List.of(Content.JSON, Content.PROTOBUF)),

  /** Jaeger's Thrift. */
  JAEGER_THRIFT(List.of(Content.THRIFT, "application/vnd.apache.thrift.binary"));

  private static final String GRPC = "application/grpc";
  private static final String JSON = "application/json";
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String THRIFT = "application/x-thrift";

  private final List<String> types;

  Content(List<String> types) {
    this.types = types;
  }

  /** The types that are taken, the usual one first; empty where any is. */
  List<String> types() {
    return types;
  }

  /** How a client that sends this expects a refusal. */
  Dialect dialect(MediaType media) {
    return this == OTLP ? PathEntry.otlp(media) : Dialect.PROBLEM;
  }

  /** How a client that sends such a body by HTTP expects a refusal. */
  Dialect dialect(BodyFormat format) {
    if (this != OTLP) {
      return Dialect.PROBLEM;
    }
    return format == BodyFormat.OTLP_JSON ? Dialect.OTLP_JSON : Dialect.OTLP_PROTOBUF;
  }

  /**
   * What a body of this type holds.
   *
   * @return null when the type is not taken
   */
  @Nullable BodyFormat format(MediaType media, @Nullable CharSequence contentType) {
    return switch (this) {
      case ANY, OTHER_CALL -> BodyFormat.OTHER;
      case OTLP_CALL -> BodyFormat.OTLP_PROTOBUF;
      case JAEGER_CALL -> BodyFormat.JAEGER_PROTOBUF;
      case OPENCENSUS_CALL -> BodyFormat.OPENCENSUS;
      case OTLP -> otlp(media);
      case ZIPKIN_V1 -> zipkin(media, contentType, THRIFT, BodyFormat.ZIPKIN_THRIFT);
      case ZIPKIN_V2 -> zipkin(media, contentType, PROTOBUF, BodyFormat.ZIPKIN_PROTOBUF);
      case JAEGER_THRIFT -> media == MediaType.THRIFT ? BodyFormat.JAEGER_THRIFT : null;
    };
  }

  private static @Nullable BodyFormat otlp(MediaType media) {
    return switch (media) {
      case PROTOBUF -> BodyFormat.OTLP_PROTOBUF;
      case JSON -> BodyFormat.OTLP_JSON;
      case GRPC, GRPC_WEB, THRIFT, OTHER -> null;
    };
  }

  /** The receiver compares the other type byte by byte, and treats everything else as JSON. */
  private static @Nullable BodyFormat zipkin(
      MediaType media, @Nullable CharSequence contentType, String exactly, BodyFormat other) {
    if (contentType == null || media == MediaType.JSON) {
      return BodyFormat.ZIPKIN_JSON;
    }
    return PathEntry.is(contentType, exactly) ? other : null;
  }
}
