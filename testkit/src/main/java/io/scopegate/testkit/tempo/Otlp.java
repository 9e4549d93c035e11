package io.scopegate.testkit.tempo;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/** Reads OTLP in its two encodings. */
final class Otlp {
  private static final int MAX_DECODED_BYTES = 512 * 1024 * 1024;

  private Otlp() {}

  static byte[] gunzip(byte[] body) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      byte[] decoded = in.readNBytes(MAX_DECODED_BYTES);
      if (in.read() >= 0) {
        throw new IOException("body: more than " + MAX_DECODED_BYTES + " bytes decoded");
      }
      return decoded;
    }
  }

  static ExportTraceServiceRequest protobuf(byte[] body) throws InvalidProtocolBufferException {
    return ExportTraceServiceRequest.parseFrom(body);
  }

  /** OTLP's JSON writes ids in hexadecimal, where protobuf's own JSON has base64. */
  static ExportTraceServiceRequest json(byte[] body) throws InvalidProtocolBufferException {
    JsonObject request = new JsonObject(Buffer.buffer(body));
    idsToBase64(request);
    ExportTraceServiceRequest.Builder builder = ExportTraceServiceRequest.newBuilder();
    JsonFormat.parser().ignoringUnknownFields().merge(request.encode(), builder);
    return builder.build();
  }

  private static void idsToBase64(Object value) {
    if (value instanceof JsonArray array) {
      array.forEach(Otlp::idsToBase64);
    } else if (value instanceof JsonObject object) {
      for (String key : object.fieldNames().toArray(String[]::new)) {
        switch (key) {
          case "traceId", "spanId", "parentSpanId" -> object.put(key, base64(object, key));
          default -> idsToBase64(object.getValue(key));
        }
      }
    }
  }

  private static String base64(JsonObject object, String key) {
    byte[] id = HexFormat.of().parseHex(object.getString(key, ""));
    return Base64.getEncoder().encodeToString(id);
  }
}
