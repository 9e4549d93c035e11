package io.scopegate.gateway.meter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies in zstd and snappy as their own libraries write them, and as attackers do. */
class ZstdAndSnappyTest {
  private static final long NO_BOUND = Long.MAX_VALUE;
  private static final int SPANS = 100_000;

  private final MeterPool pool = new MeterPool();

  @AfterEach
  void close() {
    pool.close();
  }

  static Stream<Arguments> codings() {
    return Stream.of(
        coding("zstd", Compressed::zstd),
        coding("zstd", plain -> Compressed.zstdStream(plain, 0)),
        coding("zstd", plain -> Compressed.zstdStream(plain, 23)),
        coding("snappy", Compressed::snappyBlock),
        coding("snappy", Compressed::snappyFrames),
        coding("x-snappy-framed", Compressed::snappyFrames));
  }

  private static Arguments coding(String name, UnaryOperator<byte[]> compress) {
    return Arguments.of(name, compress);
  }

  /** An export of many small spans, which compresses to very little. */
  private static byte[] export(int spans) {
    byte[] span = new Proto().bytes(2, new byte[0]).toByteArray();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < spans; i++) {
      all.writeBytes(span);
    }
    return new Proto().message(1, new Proto().bytes(2, all.toByteArray())).toByteArray();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(length).nextBytes(bytes);
    return bytes;
  }

  /** Long repetitions, short ones and none, over several blocks and windows. */
  private static byte[] mixed() {
    byte[] bytes = random(900_000);
    System.arraycopy(bytes, 0, bytes, 300_000, 100_000);
    Arrays.fill(bytes, 500_000, 600_000, (byte) 'a');
    for (int i = 700_000; i < 800_000; i++) {
      bytes[i] = bytes[i - 60_000];
    }
    return bytes;
  }

  private BodyMeter http(String coding, long bound) {
    return BodyMeter.http(coding, -1, new Measure(BodyFormat.OTLP_PROTOBUF, true, bound), pool);
  }

  private BodyMeter grpc(String coding, long bound) {
    return BodyMeter.grpc(coding, new Measure(BodyFormat.OTLP_PROTOBUF, true, bound), pool);
  }

  @ParameterizedTest
  @MethodSource("codings")
  void spansAreCountedHoweverTheBodyIsSplit(String coding, UnaryOperator<byte[]> compress) {
    byte[] plain = export(500);
    byte[] body = compress.apply(plain);
    for (int piece : new int[] {1, 2, 3, 7, 64, body.length}) {
      try (BodyMeter meter = http(coding, NO_BOUND)) {
        for (int from = 0; from < body.length; from += piece) {
          int length = Math.min(piece, body.length - from);
          meter.add(Unpooled.wrappedBuffer(body, from, length));
        }
        meter.end();
        assertThat(meter.spans()).isEqualTo(500);
        assertThat(meter.decodedBytes()).isEqualTo(plain.length);
        assertThat(meter.malformed()).isFalse();
        assertThat(meter.opaque()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codings")
  void everySplitInTwoGivesTheSame(String coding, UnaryOperator<byte[]> compress) {
    byte[] plain = export(40);
    byte[] body = compress.apply(plain);
    for (int cut = 0; cut <= body.length; cut++) {
      try (BodyMeter meter = http(coding, NO_BOUND)) {
        meter.add(Unpooled.wrappedBuffer(body, 0, cut));
        meter.add(Unpooled.wrappedBuffer(body, cut, body.length - cut));
        meter.end();
        assertThat(meter.spans()).isEqualTo(40);
        assertThat(meter.malformed()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codings")
  void whatIsLargeIsDecodedToTheByte(String coding, UnaryOperator<byte[]> compress) {
    byte[] plain = mixed();
    ByteBuf heap = Unpooled.wrappedBuffer(compress.apply(plain));
    ByteBuf direct = ByteBufAllocator.DEFAULT.directBuffer().writeBytes(heap, 0, heap.capacity());
    CompositeByteBuf both = Unpooled.compositeBuffer();
    both.addComponent(true, heap.copy(0, 777));
    both.addComponent(true, direct.copy(777, direct.readableBytes() - 777));
    for (ByteBuf body : new ByteBuf[] {heap, direct, both}) {
      Collected all = new Collected();
      Decoding decoding = Coding.of(coding).decoding(pool, all);
      decoding.take(body, body.readerIndex(), body.writerIndex());
      assertThat(all.flaw).isNull();
      assertThat(decoding.mayEnd()).isTrue();
      assertThat(all.bytes.toByteArray()).isEqualTo(plain);
      decoding.close();
      body.release();
    }
  }

  @ParameterizedTest
  @MethodSource("codings")
  void aHundredThousandSpansInAFewBytesAreCountedOrRefused(
      String coding, UnaryOperator<byte[]> compress) {
    byte[] plain = export(SPANS);
    byte[] bomb = compress.apply(plain);
    assertThat(bomb.length).isLessThan(20_000);
    try (BodyMeter counted = http(coding, NO_BOUND);
        BodyMeter refused = http(coding, 50_000);
        BodyMeter message = grpc(coding, 50_000)) {
      counted.add(Unpooled.wrappedBuffer(bomb));
      counted.end();
      assertThat(counted.spans()).isEqualTo(SPANS);

      refused.add(Unpooled.wrappedBuffer(bomb));
      assertThat(refused.exceeded()).isTrue();
      assertThat(refused.decodedBytes()).isLessThanOrEqualTo(50_001);
      assertThat(refused.memoryBytes()).isZero();

      if (!Arrays.equals(bomb, Compressed.snappyBlock(plain))) {
        message.add(Compressed.frame(1, bomb));
        assertThat(message.exceeded()).isTrue();
      }
    }
  }

  @Test
  void severalGrpcMessagesAreCountedTogether() {
    for (String coding : new String[] {"zstd", "snappy"}) {
      byte[] message = export(10);
      byte[] small =
          coding.equals("zstd") ? Compressed.zstd(message) : Compressed.snappyFrames(message);
      try (BodyMeter meter = grpc(coding, NO_BOUND)) {
        meter.add(Compressed.frame(1, small));
        meter.add(Compressed.frame(0, message));
        meter.add(Compressed.frame(1, small));
        meter.end();
        assertThat(meter.spans()).isEqualTo(30);
        assertThat(meter.malformed()).isFalse();
        assertThat(meter.memoryBytes()).isZero();
      }
    }
  }

  @Test
  void manyBombsInOneCallAreCutOff() {
    byte[] bomb = ByteBufUtil.getBytes(Compressed.frame(1, Compressed.zstd(new byte[1_000_000])));
    try (BodyMeter meter = grpc("zstd", 1_000_000)) {
      for (int i = 0; i < 3; i++) {
        meter.add(Unpooled.wrappedBuffer(bomb));
      }
      assertThat(meter.flaw()).isEqualTo(Flaw.INFLATED);
      assertThat(meter.decodedBytes()).isLessThan(2_500_000);
      assertThat(meter.memoryBytes()).isZero();
    }
  }

  @Test
  void aLongStreamOfSpansThatAreMuchAlikeIsCountedToItsEnd() {
    byte[] message = export(1_000);
    byte[] frame = ByteBufUtil.getBytes(Compressed.frame(1, Compressed.zstd(message)));
    try (BodyMeter meter = grpc("zstd", message.length)) {
      for (int i = 0; i < 500; i++) {
        meter.add(Unpooled.wrappedBuffer(frame));
      }
      meter.end();
      assertThat(meter.flaw()).isNull();
      assertThat(meter.spans()).isEqualTo(500_000);
    }
  }

  @ParameterizedTest
  @MethodSource("codings")
  void whatIsCutShortIsNotLeftToTheReceiver(String coding, UnaryOperator<byte[]> compress) {
    byte[] body = compress.apply(export(40));
    for (int length = 1; length < body.length; length++) {
      try (BodyMeter meter = http(coding, NO_BOUND)) {
        meter.add(Unpooled.wrappedBuffer(body, 0, length));
        meter.end();
        boolean isAtAFramesEnd = coding.endsWith("framed") || body[0] == (byte) 0xff;
        assertThat(meter.flaw() == Flaw.MALFORMED || isAtAFramesEnd).as("%s", length).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("codings")
  void garbageEndsTheMeasuringAndThrowsNothing(String coding, UnaryOperator<byte[]> compress) {
    SplittableRandom random = new SplittableRandom(20_261_129);
    byte[] sound = compress.apply(export(300));
    for (int i = 0; i < 3_000; i++) {
      byte[] body = sound.clone();
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      try (BodyMeter whole = http(coding, 1_000_000);
          BodyMeter split = http(coding, 1_000_000)) {
        whole.add(Unpooled.wrappedBuffer(body));
        whole.end();
        int cut = random.nextInt(body.length);
        split.add(Unpooled.wrappedBuffer(body, 0, cut));
        split.add(Unpooled.wrappedBuffer(body, cut, body.length - cut));
        split.end();
        assertThat(isRefused(split)).isEqualTo(isRefused(whole));
        if (!isRefused(whole) || !coding.equals("zstd")) {
          assertThat(split.spans()).isEqualTo(whole.spans());
          assertThat(split.flaw()).isEqualTo(whole.flaw());
          assertThat(split.exceeded()).isEqualTo(whole.exceeded());
        }
      }
    }
  }

  private static boolean isRefused(BodyMeter meter) {
    return meter.exceeded() || meter.flaw() != null;
  }

  @Test
  void anEmptyBodyIsNoFlaw() {
    for (String coding : new String[] {"zstd", "snappy", "x-snappy-framed"}) {
      try (BodyMeter meter = http(coding, 100)) {
        meter.end();
        assertThat(meter.malformed()).isFalse();
      }
    }
  }

  @Test
  void framesThatFollowEachOtherAndThoseToSkipAreRead() {
    byte[] one = export(3);
    ByteBuf body =
        Unpooled.wrappedBuffer(
            Compressed.zstd(one),
            new byte[] {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3},
            Compressed.zstdStream(one, 0));
    try (BodyMeter meter = http("zstd", NO_BOUND)) {
      meter.add(body);
      meter.end();
      assertThat(meter.malformed()).isFalse();
      assertThat(meter.spans()).isEqualTo(6);
    }
  }

  @Test
  void aZstdWindowOfMoreThanEightMebibytesIsRefusedBeforeItIsAllocated() {
    byte[] body = Compressed.zstdStream(export(SPANS), 24);
    try (BodyMeter meter = http("zstd", NO_BOUND)) {
      meter.add(Unpooled.wrappedBuffer(body));
      assertThat(meter.flaw()).isEqualTo(Flaw.UNMEASURABLE);
      assertThat(meter.memoryBytes()).isZero();
    }
  }

  @Test
  void aZstdWindowCountsAsFarAsItIsFilled() {
    byte[] body = Compressed.zstdStream(random(3_000_000), 23);
    try (BodyMeter meter = http("zstd", NO_BOUND)) {
      meter.add(Unpooled.wrappedBuffer(body, 0, 200_000));
      assertThat(meter.memoryBytes()).isBetween(320 << 10, 700 << 10);
      meter.add(Unpooled.wrappedBuffer(body, 200_000, 2_700_000));
      assertThat(meter.memoryBytes()).isGreaterThan(2_500_000);
      meter.end();
      assertThat(meter.memoryBytes()).isZero();
    }
  }

  @Test
  void sizesThatAreDeclaredAreBelievedBeforeAnythingIsDecoded() {
    byte[] zstd = Compressed.zstd(new byte[2_000_000]);
    byte[] snappy = Compressed.snappyBlock(new byte[2_000_000]);
    for (byte[] body : new byte[][] {zstd, snappy}) {
      try (BodyMeter meter = http(body == zstd ? "zstd" : "snappy", 1_000_000)) {
        meter.add(Unpooled.wrappedBuffer(body, 0, 14));
        assertThat(meter.exceeded()).isTrue();
      }
    }
  }

  @Test
  void aSnappyReferenceOverMoreThanTheWindowIsRefused() {
    // 70,000 bytes: 65,600 of one literal, and a copy from 65,540 bytes before
    ByteBuf body = Unpooled.buffer().writeBytes(new byte[] {(byte) 0xf0, (byte) 0xa2, 4});
    body.writeByte(62 << 2).writeMediumLE(65_599).writeZero(65_600);
    body.writeByte(59 << 2 | 3).writeIntLE(65_540);
    try (BodyMeter meter = http("snappy", NO_BOUND)) {
      meter.add(body);
      assertThat(meter.flaw()).isEqualTo(Flaw.UNMEASURABLE);
    }
  }

  @Test
  void snappyPaddingThatDecodesToNothingIsBounded() {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.writeBytes(Compressed.snappyFrames(new byte[0]));
    for (int i = 0; i < 100; i++) {
      frames.writeBytes(new byte[] {(byte) 0xfe, (byte) 100, 0, 0});
      frames.writeBytes(new byte[100]);
    }
    try (BodyMeter meter = http("snappy", 1_000)) {
      meter.add(Unpooled.wrappedBuffer(frames.toByteArray()));
      assertThat(meter.exceeded()).isTrue();
    }
  }

  /** All that was decoded. */
  private static final class Collected implements Sink {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Flaw flaw;

    @Override
    public void decoded(ByteBuf source, int from, int to) {
      byte[] part = new byte[to - from];
      source.getBytes(from, part);
      bytes.writeBytes(part);
    }

    @Override
    public void announced(long more) {}

    @Override
    public void breakOff() {
      flaw = Flaw.MALFORMED;
    }

    @Override
    public void refuse(Flaw why) {
      flaw = why;
    }

    @Override
    public boolean isOver() {
      return flaw != null;
    }
  }
}
