package io.scopegate.testkit.tempo;

import com.google.protobuf.util.Timestamps;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.scopegate.testkit.tempo.proto.OpenCensusExport;
import io.scopegate.testkit.tempo.proto.OpenCensusSpan;
import java.util.List;
import java.util.Map;

/** Reads what OpenCensus exports. */
final class OpenCensus {
  private OpenCensus() {}

  /** The spans of one message. */
  static List<PlainSpan> read(OpenCensusExport export) {
    String service = export.getNode().getServiceInfo().getName();
    return export.getSpansList().stream().map(span -> read(span, service)).toList();
  }

  private static PlainSpan read(OpenCensusSpan span, String service) {
    long start = Timestamps.toNanos(span.getStartTime());
    return new PlainSpan(
        span.getTraceId(),
        span.getSpanId(),
        span.getParentSpanId(),
        service,
        span.getName().getValue(),
        SpanKind.SPAN_KIND_INTERNAL,
        start,
        Timestamps.toNanos(span.getEndTime()) - start,
        Map.of());
  }
}
