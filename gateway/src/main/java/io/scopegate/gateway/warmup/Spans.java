package io.scopegate.gateway.warmup;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.zip.GZIPOutputStream;

/**
 * Bodies of exports: a few spans, as a request of <a
 * href="https://opentelemetry.io/docs/specs/otlp/">OTLP</a> has them.
 */
final class Spans {
  static final int COUNT = 20;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED_64 = 1;

  private Spans() {}

  /** As protobuf: {@code ExportTraceServiceRequest}. */
  static byte[] protobuf() {
    byte[] span =
        join(
            field(1, new byte[16]),
            field(2, new byte[8]),
            field(5, text("GET /api/checkout")),
            fixed(7, 1_700_000_000_000_000_000L),
            fixed(8, 1_700_000_000_100_000_000L));
    byte[][] spans = new byte[COUNT][];
    for (int i = 0; i < COUNT; i++) {
      spans[i] = field(2, span);
    }
    return field(1, field(2, join(spans))); // resource_spans, scope_spans
  }

  /** As JSON. */
  static byte[] json() {
    String span =
        "{\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\","
            + "\"name\":\"GET /api/checkout\",\"startTimeUnixNano\":\"1700000000000000000\","
            + "\"endTimeUnixNano\":\"1700000000100000000\"}";
    String all = String.join(",", Collections.nCopies(COUNT, span));
    return text("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + all + "]}]}]}");
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return out.toByteArray();
  }

  /** As a gRPC message. */
  static byte[] message(byte[] content, boolean compressed) {
    return ByteBuffer.allocate(5 + content.length)
        .put((byte) (compressed ? 1 : 0))
        .putInt(content.length)
        .put(content)
        .array();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(number << 3 | LENGTH_DELIMITED);
    int left = content.length;
    for (; left > 0x7f; left >>>= 7) {
      out.write(left & 0x7f | 0x80);
    }
    out.write(left);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] fixed(int number, long value) {
    return ByteBuffer.allocate(9)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) (number << 3 | FIXED_64))
        .putLong(value)
        .array();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
