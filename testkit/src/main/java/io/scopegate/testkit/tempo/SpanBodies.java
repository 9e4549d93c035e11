package io.scopegate.testkit.tempo;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.scopegate.testkit.tempo.proto.JaegerBatch;
import io.scopegate.testkit.tempo.proto.JaegerProcess;
import io.scopegate.testkit.tempo.proto.JaegerSpan;
import io.scopegate.testkit.tempo.proto.OpenCensusExport;
import io.scopegate.testkit.tempo.proto.OpenCensusNode;
import io.scopegate.testkit.tempo.proto.OpenCensusService;
import io.scopegate.testkit.tempo.proto.OpenCensusSpan;
import io.scopegate.testkit.tempo.proto.OpenCensusText;
import io.scopegate.testkit.tempo.proto.PostSpansRequest;
import io.scopegate.testkit.tempo.proto.ZipkinEndpoint;
import io.scopegate.testkit.tempo.proto.ZipkinSpan;
import io.scopegate.testkit.tempo.proto.ZipkinSpans;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * One span as the clients of each protocol write it, to be found again by its trace id, and by
 * {@code resource.service.name}.
 *
 * @param traceId 32 hexadecimal digits
 * @param service its service
 * @param name its name
 * @param startUnixNano when it began; it takes a millisecond
 */
public record SpanBodies(String traceId, String service, String name, long startUnixNano) {
  private static final String SPAN_ID = "0000000000000001";
  private static final long MICROS = 1_000;
  private static final long MILLISECOND = 1_000;

  private static final int STOP = 0;
  private static final int INTEGER = 8;
  private static final int LONG = 10;
  private static final int BINARY = 11;
  private static final int STRUCT = 12;
  private static final int LIST = 15;

  /** OTLP's request. */
  public byte[] otlp() {
    return Traces.batch(traceId, service, name, 1, startUnixNano).toByteArray();
  }

  /** Zipkin's second version as JSON. */
  public byte[] zipkinJson() {
    return list(
        span()
            .put("kind", "SERVER")
            .put("localEndpoint", new JsonObject().put("serviceName", service)));
  }

  /** Zipkin's first version as JSON. */
  public byte[] zipkinV1Json() {
    JsonObject annotation =
        new JsonObject()
            .put("timestamp", startUnixNano / MICROS)
            .put("value", "sr")
            .put("endpoint", new JsonObject().put("serviceName", service));
    return list(span().put("annotations", new JsonArray().add(annotation)));
  }

  private JsonObject span() {
    return new JsonObject()
        .put("traceId", traceId)
        .put("id", SPAN_ID)
        .put("name", name)
        .put("timestamp", startUnixNano / MICROS)
        .put("duration", MILLISECOND);
  }

  private static byte[] list(JsonObject span) {
    return new JsonArray().add(span).toBuffer().getBytes();
  }

  /** Zipkin's second version as protobuf. */
  public byte[] zipkinProtobuf() {
    return ZipkinSpans.newBuilder()
        .addSpans(
            ZipkinSpan.newBuilder()
                .setTraceId(bytes(traceId))
                .setId(bytes(SPAN_ID))
                .setKind(2)
                .setName(name)
                .setTimestamp(startUnixNano / MICROS)
                .setDuration(MILLISECOND)
                .setLocalEndpoint(ZipkinEndpoint.newBuilder().setServiceName(service)))
        .build()
        .toByteArray();
  }

  /** Jaeger's {@code PostSpansRequest}. */
  public byte[] jaegerProtobuf() {
    JaegerSpan span =
        JaegerSpan.newBuilder()
            .setTraceId(bytes(traceId))
            .setSpanId(bytes(SPAN_ID))
            .setOperationName(name)
            .setStartTime(Timestamps.fromNanos(startUnixNano))
            .setDuration(Durations.fromMicros(MILLISECOND))
            .build();
    JaegerBatch batch =
        JaegerBatch.newBuilder()
            .setProcess(JaegerProcess.newBuilder().setServiceName(service))
            .addSpans(span)
            .build();
    return PostSpansRequest.newBuilder().setBatch(batch).build().toByteArray();
  }

  /** OpenCensus' export. */
  public byte[] openCensus() {
    OpenCensusSpan span =
        OpenCensusSpan.newBuilder()
            .setTraceId(bytes(traceId))
            .setSpanId(bytes(SPAN_ID))
            .setName(OpenCensusText.newBuilder().setValue(name))
            .setStartTime(Timestamps.fromNanos(startUnixNano))
            .setEndTime(Timestamps.fromNanos(startUnixNano + MILLISECOND * MICROS))
            .build();
    OpenCensusNode node =
        OpenCensusNode.newBuilder()
            .setServiceInfo(OpenCensusService.newBuilder().setName(service))
            .build();
    return OpenCensusExport.newBuilder().setNode(node).addSpans(span).build().toByteArray();
  }

  /** Jaeger's {@code Batch} in Thrift's binary protocol. */
  public byte[] jaegerThrift() {
    return thrift(out -> {
      field(out, STRUCT, 1);
      text(out, 1, service);
      out.write(STOP);
      spans(out, 2);
      number(out, 1, low());
      number(out, 2, high());
      number(out, 3, 1);
      number(out, 4, 0);
      text(out, 5, name);
      field(out, INTEGER, 7);
      out.writeInt(1);
      number(out, 8, startUnixNano / MICROS);
      number(out, 9, MILLISECOND);
      out.write(STOP);
      out.write(STOP);
    });
  }

  /** Zipkin's first version in Thrift's binary protocol. */
  public byte[] zipkinThrift() {
    return thrift(out -> {
      out.write(STRUCT);
      out.writeInt(1);
      number(out, 1, low());
      text(out, 3, name);
      number(out, 4, 1);
      spans(out, 6);
      number(out, 1, startUnixNano / MICROS);
      text(out, 2, "sr");
      field(out, STRUCT, 3);
      text(out, 3, service);
      out.write(STOP);
      out.write(STOP);
      number(out, 10, startUnixNano / MICROS);
      number(out, 11, MILLISECOND);
      number(out, 12, high());
      out.write(STOP);
    });
  }

  private long high() {
    return Long.parseUnsignedLong(traceId.substring(0, 16), 16);
  }

  private long low() {
    return Long.parseUnsignedLong(traceId.substring(16), 16);
  }

  private static ByteString bytes(String digits) {
    return ByteString.copyFrom(HexFormat.of().parseHex(digits));
  }

  // ---- Thrift

  private interface Writing {
    void to(DataOutputStream out) throws IOException;
  }

  private static byte[] thrift(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      writing.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void field(DataOutputStream out, int type, int id) throws IOException {
    out.write(type);
    out.writeShort(id);
  }

  /** A list of one struct. */
  private static void spans(DataOutputStream out, int id) throws IOException {
    field(out, LIST, id);
    out.write(STRUCT);
    out.writeInt(1);
  }

  private static void number(DataOutputStream out, int id, long value) throws IOException {
    field(out, LONG, id);
    out.writeLong(value);
  }

  private static void text(DataOutputStream out, int id, String value) throws IOException {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    field(out, BINARY, id);
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
