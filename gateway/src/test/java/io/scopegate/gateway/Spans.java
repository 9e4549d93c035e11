package io.scopegate.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;

/** What clients store, as bytes: OTLP's requests, compressed or not, framed as gRPC or not. */
final class Spans {
  private static final int NAME = 5;

  private Spans() {}

  /** An {@code ExportTraceServiceRequest} with so many spans, each with a name of this length. */
  static byte[] otlp(int spans, int nameLength) {
    ByteArrayOutputStream scope = new ByteArrayOutputStream();
    for (int i = 0; i < spans; i++) {
      field(scope, 2, span(nameLength));
    }
    ByteArrayOutputStream resource = new ByteArrayOutputStream();
    field(resource, 2, scope.toByteArray());
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    field(request, 1, resource.toByteArray());
    return request.toByteArray();
  }

  private static byte[] span(int nameLength) {
    ByteArrayOutputStream span = new ByteArrayOutputStream();
    field(span, 1, new byte[16]);
    field(span, 2, new byte[8]);
    field(span, NAME, new byte[nameLength]);
    return span.toByteArray();
  }

  private static void field(ByteArrayOutputStream out, int number, byte[] value) {
    out.write(number << 3 | 2);
    int length = value.length;
    for (; length > 0x7f; length >>>= 7) {
      out.write(length & 0x7f | 0x80);
    }
    out.write(length);
    out.writeBytes(value);
  }

  static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A message of gRPC. */
  static byte[] message(boolean compressed, byte[] bytes) {
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) (compressed ? 1 : 0))
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }
}
