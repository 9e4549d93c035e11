package io.scopegate.testkit.tempo;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.scopegate.testkit.tempo.proto.JaegerBatch;
import io.scopegate.testkit.tempo.proto.JaegerSpan;
import io.scopegate.testkit.tempo.proto.JaegerTag;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads Jaeger's batches of spans, by Thrift and by protobuf.
 *
 * @see <a href="https://github.com/jaegertracing/jaeger-idl">Jaeger's definitions</a>
 */
final class Jaeger {
  private static final long MICROS = 1_000;

  private Jaeger() {}

  /**
   * Reads a {@code Batch} in Thrift's binary protocol.
   *
   * @throws IllegalArgumentException when it is not one
   */
  static List<PlainSpan> thrift(byte[] body) {
    Thrift.Struct batch = Thrift.struct(body);
    String service = batch.struct(1).text(1);
    return batch.structs(2).stream().map(span -> thrift(span, service)).toList();
  }

  private static PlainSpan thrift(Thrift.Struct span, String service) {
    Map<String, String> tags = new HashMap<>();
    span.structs(10).forEach(tag -> tags.put(tag.text(1), tag.text(3)));
    ByteBuffer traceId = ByteBuffer.allocate(16).putLong(span.number(2)).putLong(span.number(1));
    return new PlainSpan(
        ByteString.copyFrom(traceId.flip()),
        Zipkin.id(span.number(3)),
        span.number(4) == 0 ? ByteString.EMPTY : Zipkin.id(span.number(4)),
        service,
        span.text(5),
        kind(tags),
        span.number(8) * MICROS,
        span.number(9) * MICROS,
        tags);
  }

  /** Reads a {@code Batch} of protobuf. */
  static List<PlainSpan> protobuf(JaegerBatch batch) {
    String service = batch.getProcess().getServiceName();
    return batch.getSpansList().stream().map(span -> protobuf(span, service)).toList();
  }

  private static PlainSpan protobuf(JaegerSpan span, String service) {
    Map<String, String> tags = new HashMap<>();
    for (JaegerTag tag : span.getTagsList()) {
      tags.put(tag.getKey(), tag.getVStr());
    }
    String own = span.getProcess().getServiceName();
    return new PlainSpan(
        span.getTraceId(),
        span.getSpanId(),
        span.getReferencesCount() == 0 ? ByteString.EMPTY : span.getReferences(0).getSpanId(),
        own.isEmpty() ? service : own,
        span.getOperationName(),
        kind(tags),
        Timestamps.toNanos(span.getStartTime()),
        Durations.toNanos(span.getDuration()),
        tags);
  }

  private static SpanKind kind(Map<String, String> tags) {
    return tags.getOrDefault("span.kind", "").equals("server")
        ? SpanKind.SPAN_KIND_SERVER
        : SpanKind.SPAN_KIND_INTERNAL;
  }
}
