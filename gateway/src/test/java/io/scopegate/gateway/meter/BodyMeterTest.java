package io.scopegate.gateway.meter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is counted of bodies, and where counting ends. */
class BodyMeterTest {
  private static final long NO_BOUND = Long.MAX_VALUE;

  private final MeterPool pool = new MeterPool();

  @AfterEach
  void close() {
    pool.close();
  }

  @Test
  void countsPlainHttpBodies() {
    try (BodyMeter meter = http(null, 10, 100)) {
      assertThat(meter.announcedBytes()).isEqualTo(10);

      meter.add(Unpooled.wrappedBuffer(new byte[4]));
      assertThat(meter.decodedBytes()).isEqualTo(4);
      assertThat(meter.announcedBytes()).isEqualTo(10);

      meter.add(Unpooled.wrappedBuffer(new byte[6]));
      meter.end();
      assertThat(meter.decodedBytes()).isEqualTo(10);
      assertThat(meter.exceeded()).isFalse();
      assertThat(meter.malformed()).isFalse();
    }
  }

  @Test
  void leavesPiecesAsTheyAre() {
    ByteBuf piece = Unpooled.buffer().writeBytes(Compressed.gzip(new byte[5_000]));
    piece.skipBytes(2).readerIndex(0);
    try (BodyMeter meter = http("gzip", -1, NO_BOUND)) {
      meter.add(piece);
      meter.end();

      assertThat(piece.readerIndex()).isZero();
      assertThat(piece.refCnt()).isEqualTo(1);
      assertThat(meter.decodedBytes()).isEqualTo(5_000);
      assertThat(meter.wireBytes()).isEqualTo(piece.readableBytes());
    }
  }

  @Test
  void readsDirectAndCompositeBuffers() {
    byte[] gzip = Compressed.gzip(random(100_000));
    ByteBuf direct = ByteBufAllocator.DEFAULT.directBuffer().writeBytes(gzip);
    CompositeByteBuf composite = Unpooled.compositeBuffer();
    composite.addComponent(true, Unpooled.copiedBuffer(gzip, 0, 777));
    composite.addComponent(true, Unpooled.copiedBuffer(gzip, 777, gzip.length - 777));
    for (ByteBuf piece : new ByteBuf[] {direct, composite}) {
      try (BodyMeter meter = http("gzip", -1, NO_BOUND)) {
        meter.add(piece);
        meter.end();

        assertThat(meter.decodedBytes()).isEqualTo(100_000);
        assertThat(meter.malformed()).isFalse();
      } finally {
        piece.release();
      }
    }
  }

  @Test
  void whatIsAnnouncedLargerIsExceededBeforeItComes() {
    assertThat(http(null, 101, 100).exceeded()).isTrue();
    assertThat(http(null, 100, 100).exceeded()).isFalse();

    BodyMeter grpc = grpc("gzip", 100);
    grpc.add(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0}));
    assertThat(grpc.exceeded()).isFalse();
    grpc.add(Unpooled.wrappedBuffer(new byte[] {101}));
    assertThat(grpc.exceeded()).isTrue();
  }

  @Test
  void lengthsThatLieAreCutOffAtTheBound() {
    BodyMeter meter = http(null, 10, 100);
    meter.add(Unpooled.wrappedBuffer(new byte[1_000]));

    assertThat(meter.exceeded()).isTrue();
    assertThat(meter.decodedBytes()).isEqualTo(101);
    assertThat(meter.wireBytes()).isEqualTo(1_000);
  }

  @Test
  void compressionBombsAreCutOffAtTheBound() {
    byte[] bomb = Compressed.gzip(new byte[50_000_000]);
    for (String encoding : new String[] {"gzip", "deflate"}) {
      byte[] body = encoding.equals("gzip") ? bomb : Compressed.zlib(new byte[50_000_000]);
      try (BodyMeter meter = http(encoding, body.length, 1_000_000)) {
        meter.add(Unpooled.wrappedBuffer(body));

        assertThat(meter.exceeded()).isTrue();
        assertThat(meter.decodedBytes()).isEqualTo(1_000_001);
      }
    }
  }

  @Test
  void paddingThatDecodesToNothingIsBoundedToo() {
    byte[] empty = Compressed.gzip(new byte[0]);
    try (BodyMeter meter = http("gzip", -1, 1_000)) {
      for (int i = 0; i < 1_000; i++) {
        meter.add(Unpooled.wrappedBuffer(empty));
      }

      assertThat(meter.exceeded()).isTrue();
      assertThat(meter.decodedBytes()).isZero();
    }
  }

  @Test
  void countsAllGrpcMessages() {
    byte[] plain = random(300);
    byte[] gzip = Compressed.gzip(random(70_000));
    try (BodyMeter meter = grpc("gzip", 100_000)) {
      meter.add(Compressed.frame(0, plain));
      meter.add(Compressed.frame(1, gzip));
      meter.add(Compressed.frame(0, new byte[0]));
      meter.end();

      assertThat(meter.decodedBytes()).isEqualTo(70_300);
      assertThat(meter.malformed()).isFalse();
      assertThat(meter.opaque()).isFalse();
    }
  }

  @Test
  void announcesAGrpcMessageFromItsPrefix() {
    BodyMeter meter = grpc(null, NO_BOUND);
    meter.add(Unpooled.wrappedBuffer(new byte[] {0, 0, 1, 0, 0, 7, 7}));

    assertThat(meter.announcedBytes()).isEqualTo(65_536);
    assertThat(meter.decodedBytes()).isEqualTo(2);
    meter.end();
    assertThat(meter.malformed()).isTrue();
  }

  @Test
  void unknownEncodingsCountAsTheyAre() {
    BodyMeter http = http("lz4", 50, 100);
    http.add(Unpooled.wrappedBuffer(new byte[50]));
    http.end();
    assertThat(http.decodedBytes()).isEqualTo(50);
    assertThat(http.opaque()).isTrue();
    assertThat(http.malformed()).isFalse();

    BodyMeter grpc = grpc("lz4", 100);
    grpc.add(Compressed.frame(1, new byte[60]));
    grpc.add(Compressed.frame(0, new byte[] {10, 0}));
    grpc.end();
    assertThat(grpc.decodedBytes()).isEqualTo(62);
    assertThat(grpc.opaque()).isTrue();
    assertThat(grpc.malformed()).isFalse();
  }

  @Test
  void readsEveryPartOfGzipHeaders() {
    byte[] member = Compressed.gzip(random(1_000));
    byte[] rest = Arrays.copyOfRange(member, 10, member.length);
    byte[] header = {
      0x1f,
      (byte) 0x8b,
      8,
      4 | 8 | 16 | 2,
      0,
      0,
      0,
      0,
      0,
      3, // flags: extra, name, comment, crc
      3,
      0,
      'a',
      0,
      'b',
      'n',
      'a',
      'm',
      'e',
      0,
      0,
      1,
      2
    };
    try (BodyMeter meter = http("gzip", -1, NO_BOUND)) {
      for (byte[] part : new byte[][] {header, rest, header, rest, member}) {
        meter.add(Unpooled.wrappedBuffer(part));
      }
      meter.end();

      assertThat(meter.decodedBytes()).isEqualTo(3_000);
      assertThat(meter.malformed()).isFalse();
    }
  }

  @Test
  void malformedBodiesCountAtLeastWhatPassed() {
    byte[] gzip = Compressed.gzip(random(10_000));
    byte[] cut = Arrays.copyOf(gzip, gzip.length / 2);
    byte[] garbage = Arrays.copyOf(gzip, gzip.length + 10);
    byte[] flawed = Compressed.gzip(words(100_000));
    Arrays.fill(flawed, 2_000, flawed.length, (byte) 0xff);
    byte[] nothingOfIt = random(500);
    for (byte[] body : new byte[][] {cut, garbage, flawed, nothingOfIt}) {
      try (BodyMeter meter = http("gzip", -1, NO_BOUND)) {
        meter.add(Unpooled.wrappedBuffer(body));
        meter.end();

        assertThat(meter.malformed()).isTrue();
        assertThat(meter.decodedBytes()).isGreaterThanOrEqualTo(body.length);
      }
    }
  }

  @Test
  void compressedMessagesWithoutAnEncodingAreMalformed() {
    BodyMeter meter = grpc(null, NO_BOUND);
    meter.add(Compressed.frame(1, new byte[10]));

    assertThat(meter.malformed()).isTrue();
    assertThat(meter.decodedBytes()).isEqualTo(15);
  }

  @Test
  void flagsOtherThanCompressedAreMalformed() {
    BodyMeter meter = grpc(null, NO_BOUND);
    meter.add(Compressed.frame(2, new byte[10]));

    assertThat(meter.malformed()).isTrue();
  }

  @Test
  void incompressibleBodiesUpToTheBoundFit() {
    byte[] body = random(1_000_000);
    for (int level : new int[] {Deflater.NO_COMPRESSION, Deflater.BEST_COMPRESSION}) {
      byte[] zlib = Compressed.zlib(body, level);
      try (BodyMeter meter = http("deflate", zlib.length, body.length)) {
        meter.add(Unpooled.wrappedBuffer(zlib));
        meter.end();

        assertThat(meter.exceeded()).isFalse();
        assertThat(meter.malformed()).isFalse();
        assertThat(meter.decodedBytes()).isEqualTo(body.length);
      }
    }
  }

  private BodyMeter http(String encoding, long length, long bound) {
    return BodyMeter.http(encoding, length, bytes(bound), pool);
  }

  private BodyMeter grpc(String encoding, long bound) {
    return BodyMeter.grpc(encoding, bytes(bound), pool);
  }

  private static Measure bytes(long bound) {
    return new Measure(BodyFormat.OTLP_PROTOBUF, false, bound);
  }

  /** Compressible, so that a flaw in the compressed data shows. */
  private static byte[] words(int length) {
    byte[] bytes = random(length);
    for (int i = 0; i < length; i++) {
      bytes[i] &= 15;
    }
    return bytes;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
