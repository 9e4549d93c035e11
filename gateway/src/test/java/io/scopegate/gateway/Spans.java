package io.scopegate.gateway;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyFramedOutputStream;

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

  /** The same with spans of nothing, two bytes each: what an attacker sends. */
  static byte[] empty(int spans) {
    ByteArrayOutputStream scope = new ByteArrayOutputStream();
    for (int i = 0; i < spans; i++) {
      field(scope, 2, new byte[0]);
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

  static byte[] zstd(byte[] plain) {
    return Zstd.compress(plain);
  }

  /** As gRPC and {@code x-snappy-framed} have it. */
  static byte[] snappyFrames(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (SnappyFramedOutputStream out = new SnappyFramedOutputStream(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** As HTTP has it. */
  static byte[] snappyBlock(byte[] plain) {
    try {
      return Snappy.compress(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
