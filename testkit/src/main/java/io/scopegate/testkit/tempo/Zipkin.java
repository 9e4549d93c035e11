package io.scopegate.testkit.tempo;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.scopegate.testkit.tempo.proto.ZipkinSpan;
import io.scopegate.testkit.tempo.proto.ZipkinSpans;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads Zipkin's spans as Tempo's receiver does: the content type is compared byte by byte, and
 * whatever is not known is JSON.
 *
 * @see <a href="https://zipkin.io/zipkin-api/">Zipkin's API</a>
 */
final class Zipkin {
  private static final long MICROS = 1_000;

  private Zipkin() {}

  /**
   * Reads a body.
   *
   * @throws IllegalArgumentException when it is not what it should be
   */
  static List<PlainSpan> read(String path, String contentType, byte[] body) {
    boolean first = path.contains("api/v1/spans");
    if (first && contentType.equals("application/x-thrift")) {
      return Thrift.structs(body).stream().map(Zipkin::thrift).toList();
    }
    if (!first && contentType.equals("application/x-protobuf")) {
      return protobuf(body);
    }
    List<PlainSpan> spans = new ArrayList<>();
    for (Object span : new JsonArray(Buffer.buffer(body))) {
      if (!(span instanceof JsonObject json)) {
        throw new IllegalArgumentException("not a list of spans");
      }
      spans.add(json(json, first ? annotated(json) : endpoint(json)));
    }
    return spans;
  }

  private static PlainSpan json(JsonObject span, String service) {
    Map<String, String> tags = new HashMap<>();
    span.getJsonObject("tags", new JsonObject())
        .forEach(tag -> tags.put(tag.getKey(), String.valueOf(tag.getValue())));
    return new PlainSpan(
        hex(span.getString("traceId", "")),
        hex(span.getString("id", "")),
        hex(span.getString("parentId", "")),
        service,
        span.getString("name", ""),
        kind(span.getString("kind", "")),
        span.getLong("timestamp", 0L) * MICROS,
        span.getLong("duration", 0L) * MICROS,
        tags);
  }

  private static String endpoint(JsonObject span) {
    return span.getJsonObject("localEndpoint", new JsonObject()).getString("serviceName", "");
  }

  /** The first version says with each annotation where it was made. */
  private static String annotated(JsonObject span) {
    for (String list : List.of("annotations", "binaryAnnotations")) {
      for (Object annotation : span.getJsonArray(list, new JsonArray())) {
        if (annotation instanceof JsonObject json && json.containsKey("endpoint")) {
          return json.getJsonObject("endpoint").getString("serviceName", "");
        }
      }
    }
    return "";
  }

  private static PlainSpan thrift(Thrift.Struct span) {
    String service = "";
    for (Thrift.Struct annotation : span.structs(6)) {
      service = annotation.struct(3).text(3);
    }
    ByteBuffer traceId = ByteBuffer.allocate(16).putLong(span.number(12)).putLong(span.number(1));
    return new PlainSpan(
        ByteString.copyFrom(traceId.flip()),
        id(span.number(4)),
        span.number(5) == 0 ? ByteString.EMPTY : id(span.number(5)),
        service,
        span.text(3),
        SpanKind.SPAN_KIND_SERVER,
        span.number(10) * MICROS,
        span.number(11) * MICROS,
        Map.of());
  }

  private static List<PlainSpan> protobuf(byte[] body) {
    try {
      return ZipkinSpans.parseFrom(body).getSpansList().stream().map(Zipkin::protobuf).toList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a ListOfSpans", e);
    }
  }

  private static PlainSpan protobuf(ZipkinSpan span) {
    return new PlainSpan(
        span.getTraceId(),
        span.getId(),
        span.getParentId(),
        span.getLocalEndpoint().getServiceName(),
        span.getName(),
        SpanKind.SPAN_KIND_SERVER,
        span.getTimestamp() * MICROS,
        span.getDuration() * MICROS,
        span.getTagsMap());
  }

  /** Eight bytes of a number. */
  static ByteString id(long number) {
    return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
  }

  private static ByteString hex(String digits) {
    return ByteString.copyFrom(HexFormat.of().parseHex(digits));
  }

  private static SpanKind kind(String kind) {
    return kind.isEmpty()
        ? SpanKind.SPAN_KIND_INTERNAL
        : SpanKind.valueOf("SPAN_KIND_" + kind.toUpperCase(Locale.ROOT));
  }
}
