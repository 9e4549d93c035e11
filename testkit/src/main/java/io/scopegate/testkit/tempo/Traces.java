package io.scopegate.testkit.tempo;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Makes traces to write. */
public final class Traces {
  private static final long START = 1_700_000_000_000_000_000L;

  private Traces() {}

  /** A trace id nobody has used, in 32 hexadecimal digits. */
  public static String newId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  /**
   * A trace of one service that began at a fixed time: a root span and children of it.
   *
   * @param traceId 32 hexadecimal digits
   * @param service its {@code service.name}
   * @param name the root span's name
   * @param spans how many spans, the root included
   */
  public static ExportTraceServiceRequest batch(
      String traceId, String service, String name, int spans) {
    return batch(traceId, service, name, spans, START);
  }

  /**
   * A trace of one service: a root span and children of it, a millisecond each.
   *
   * @param startUnixNano when it began, in nanoseconds since the epoch
   */
  public static ExportTraceServiceRequest batch(
      String traceId, String service, String name, int spans, long startUnixNano) {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    for (int i = 1; i <= spans; i++) {
      scope.addSpans(span(traceId, i == 1 ? name : name + " " + i, i, startUnixNano));
    }
    Resource resource = Resource.newBuilder().addAttributes(text("service.name", service)).build();
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().setResource(resource).addScopeSpans(scope))
        .build();
  }

  /** A string attribute. */
  public static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static Span span(String traceId, String name, int number, long startUnixNano) {
    long start = startUnixNano + TimeUnit.MILLISECONDS.toNanos(number - 1);
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(ByteString.copyFrom(HexFormat.of().parseHex(traceId)))
            .setSpanId(id(number))
            .setName(name)
            .setKind(SpanKind.SPAN_KIND_SERVER)
            .setStartTimeUnixNano(start)
            .setEndTimeUnixNano(start + TimeUnit.MILLISECONDS.toNanos(1))
            .addAttributes(text("number", Integer.toString(number)));
    return number == 1 ? span.build() : span.setParentSpanId(id(1)).build();
  }

  private static ByteString id(long number) {
    return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }
}
