package io.scopegate.testkit.tempo;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.List;
import java.util.Map;

/**
 * A span of any protocol, as far as all of them have the same.
 *
 * @param traceId up to 16 bytes; shorter ones are padded with zeros
 * @param spanId 8 bytes
 * @param parentId 8 bytes, or none
 * @param service empty when it has none
 * @param startNanos since the epoch
 */
record PlainSpan(
    ByteString traceId,
    ByteString spanId,
    ByteString parentId,
    String service,
    String name,
    SpanKind kind,
    long startNanos,
    long durationNanos,
    Map<String, String> tags) {
  private static final int TRACE_ID_BYTES = 16;
  private static final int SPAN_ID_BYTES = 8;

  PlainSpan {
    if (traceId.isEmpty() || traceId.size() > TRACE_ID_BYTES) {
      throw new IllegalArgumentException("trace id: " + traceId.size() + " bytes");
    }
    if (spanId.size() != SPAN_ID_BYTES) {
      throw new IllegalArgumentException("span id: " + spanId.size() + " bytes");
    }
    traceId = ByteString.copyFrom(new byte[TRACE_ID_BYTES - traceId.size()]).concat(traceId);
    tags = Map.copyOf(tags);
  }

  /** As OTLP has it. */
  ResourceSpans toOtlp() {
    List<KeyValue> attributes =
        tags.entrySet().stream().map(tag -> Traces.text(tag.getKey(), tag.getValue())).toList();
    Span span =
        Span.newBuilder()
            .setTraceId(traceId)
            .setSpanId(spanId)
            .setParentSpanId(parentId)
            .setName(name)
            .setKind(kind)
            .setStartTimeUnixNano(startNanos)
            .setEndTimeUnixNano(startNanos + durationNanos)
            .addAllAttributes(attributes)
            .build();
    Resource resource =
        Resource.newBuilder().addAttributes(Traces.text("service.name", service)).build();
    return ResourceSpans.newBuilder()
        .setResource(resource)
        .addScopeSpans(ScopeSpans.newBuilder().addSpans(span))
        .build();
  }
}
