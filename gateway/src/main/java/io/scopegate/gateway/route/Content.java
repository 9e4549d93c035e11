package io.scopegate.gateway.route;

import io.scopegate.gateway.answer.Dialect;
import org.jspecify.annotations.Nullable;

/**
 * What a request to a row may hold, told by its content type as Tempo's receivers tell it. A type
 * that a receiver would read as something else than what it says is refused: its spans would be
 * counted wrong.
 */
enum Content {
  /** Whatever the server makes of it. */
  ANY("anything"),

  /** OTLP, which answers in the request's own encoding. */
  OTLP("application/x-protobuf or application/json"),

  /** Zipkin's first version: JSON unless it is exactly Thrift. */
  ZIPKIN_V1("application/json or application/x-thrift"),

  /** Zipkin's second version: JSON unless it is exactly protobuf. */
  ZIPKIN_V2("application/json or application/x-protobuf"),

  /** Jaeger's Thrift. */
  JAEGER_THRIFT("application/x-thrift or application/vnd.apache.thrift.binary");

  private static final String PROTOBUF = "application/x-protobuf";
  private static final String THRIFT = "application/x-thrift";

  private final String expected;

  Content(String expected) {
    this.expected = expected;
  }

  /** The types that are taken, for people. */
  String expected() {
    return expected;
  }

  /** How a client that sends this is told. */
  Dialect dialect(MediaType media) {
    return this == OTLP ? PathEntry.otlp(media) : Dialect.PROBLEM;
  }

  /** Whether a request of this type is taken. */
  boolean takes(MediaType media, @Nullable CharSequence contentType) {
    return switch (this) {
      case ANY -> true;
      case OTLP -> media == MediaType.PROTOBUF || media == MediaType.JSON;
      case ZIPKIN_V1 -> zipkin(media, contentType, THRIFT);
      case ZIPKIN_V2 -> zipkin(media, contentType, PROTOBUF);
      case JAEGER_THRIFT -> media == MediaType.THRIFT;
    };
  }

  /** The receiver compares the other type byte by byte, and takes everything else for JSON. */
  private static boolean zipkin(
      MediaType media, @Nullable CharSequence contentType, String exactly) {
    return contentType == null || media == MediaType.JSON || PathEntry.is(contentType, exactly);
  }
}
