package io.scopegate.testkit.tempo;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A span and where it came from.
 *
 * @param resource the resource it was sent with
 * @param scope the scope it was sent with
 * @param span the span itself
 */
public record StoredSpan(Resource resource, InstrumentationScope scope, Span span) {

  /** The trace's id in 32 lower-case hexadecimal digits. */
  public String traceId() {
    return HexFormat.of().formatHex(span.getTraceId().toByteArray());
  }

  /** The span's id in 16 lower-case hexadecimal digits. */
  public String spanId() {
    return HexFormat.of().formatHex(span.getSpanId().toByteArray());
  }

  /** {@code service.name} of the resource, empty when it has none. */
  public String serviceName() {
    return find(resource.getAttributesList(), "service.name").orElse("");
  }

  /**
   * The value of an attribute as TraceQL names it: {@code resource.x}, {@code span.x}, {@code .x},
   * or one of the intrinsics {@code name}, {@code kind} and {@code status}.
   */
  Optional<String> attribute(String name) {
    if (name.startsWith("resource.")) {
      return find(resource.getAttributesList(), name.substring("resource.".length()));
    }
    if (name.startsWith("span.")) {
      return find(span.getAttributesList(), name.substring("span.".length()));
    }
    if (name.startsWith(".")) {
      return anywhere(name.substring(1));
    }
    return switch (name) {
      case "name" -> Optional.of(span.getName());
      case "kind" -> Optional.of(shortName(span.getKind().name(), "SPAN_KIND_"));
      case "status" -> Optional.of(status());
      default -> Optional.empty();
    };
  }

  /** The value of an attribute of the span or, failing that, of the resource. */
  Optional<String> anywhere(String key) {
    return find(span.getAttributesList(), key).or(() -> find(resource.getAttributesList(), key));
  }

  boolean hasError() {
    return status().equals("error");
  }

  private String status() {
    return shortName(span.getStatus().getCode().name(), "STATUS_CODE_");
  }

  private static String shortName(String name, String prefix) {
    return (name.startsWith(prefix) ? name.substring(prefix.length()) : name)
        .toLowerCase(Locale.ROOT);
  }

  private static Optional<String> find(List<KeyValue> attributes, String key) {
    return attributes.stream()
        .filter(attribute -> attribute.getKey().equals(key))
        .map(attribute -> text(attribute.getValue()))
        .findFirst();
  }

  static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case INT_VALUE -> Long.toString(value.getIntValue());
      case DOUBLE_VALUE -> Double.toString(value.getDoubleValue());
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      default -> value.toString();
    };
  }
}
