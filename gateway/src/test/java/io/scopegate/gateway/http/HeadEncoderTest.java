package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.util.AsciiString;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadEncoderTest {
  private static final int MAX = 256 << 10;
  private static final List<String> DIFFER =
      List.of("traceparent", "x-request-id", "grpc-timeout", "content-length", "grpc-message");

  private final HeadEncoder encoder = new HeadEncoder(3);
  private final DefaultHttp2HeadersDecoder decoder =
      new DefaultHttp2HeadersDecoder(true, true, MAX);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aPeerReadsEachHeadAsItIs(long seed) throws Http2Exception {
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      if (random.nextInt(300) == 0) {
        resize(random.nextInt(3) * 100L);
        resize(4096);
      } else if (random.nextInt(500) == 0) {
        resize(random.nextInt(3) * 200L);
      }
      Http2Headers head = random(random);
      assertThat(fields(read(encoded(head)))).isEqualTo(fields(head));
    }
  }

  private void resize(long bytes) throws Http2Exception {
    encoder.maxHeaderTableSize(bytes);
    decoder.configuration().maxHeaderTableSize(4096);
  }

  /**
   * Of few fields, so that heads come again, each time with other objects and some other values.
   */
  private static Http2Headers random(Random random) {
    Http2Headers head = new DefaultHttp2Headers().status(random.nextBoolean() ? "200" : "418");
    int fields = random.nextInt(4);
    for (int i = 0; i < fields; i++) {
      String value = "v" + random.nextInt(2);
      head.add("x-" + i, random.nextInt(40) == 0 ? value.repeat(1_000) : value);
    }
    if (random.nextInt(3) == 0) {
      head.add("x-often-" + random.nextInt(30), AsciiString.of("value".repeat(random.nextInt(20))));
    }
    for (String name : DIFFER) {
      if (random.nextInt(3) == 0) {
        head.add(name, Integer.toString(random.nextInt()).repeat(1 + random.nextInt(20)));
      }
    }
    return head;
  }

  @Test
  void aHeadThatComesAgainIsTheSameBytesButForWhatDiffers() throws Http2Exception {
    encoded(answer("1"));
    ByteBuf second = encoded(answer("22"));

    for (String length : new String[] {"333", "4444"}) {
      ByteBuf next = encoded(answer(length));

      assertThat(next.readableBytes() - second.readableBytes()).isEqualTo(length.length() - 2);
      assertThat(ByteBufUtil.equals(next, 0, second, 0, 3)).isTrue();
    }
  }

  @Test
  void aFieldLessOrMoreIsAnotherHead() throws Http2Exception {
    for (int i = 0; i < 4; i++) {
      for (int fields = 1; fields < 6; fields++) {
        Http2Headers head = new DefaultHttp2Headers();
        for (int f = 0; f < fields; f++) {
          head.add("x-" + f, "same");
        }
        assertThat(fields(read(encoded(head)))).isEqualTo(fields(head));
        head.remove("x-0");
        head.add("content-length", "1");
        assertThat(fields(read(encoded(head)))).isEqualTo(fields(head));
      }
    }
  }

  @Test
  void aHeadThatIsKnownIsHeldToThePeersLimitAsWell() throws Http2Exception {
    for (int i = 0; i < 4; i++) {
      read(encoded(answer("10")));
    }
    encoder.maxHeaderListSize(100);

    assertThatThrownBy(() -> encoded(answer("10"))).isInstanceOf(Http2Exception.class);

    encoder.maxHeaderListSize(MAX);
    assertThat(fields(read(encoded(answer("11"))))).isEqualTo(fields(answer("11")));
  }

  @Test
  void nothingIsWrittenOfAHeadThatTurnsOutToBeAnother() throws Http2Exception {
    for (int i = 0; i < 4; i++) {
      read(encoded(answer("10")));
    }
    Http2Headers other = answer("10").set("x-a", "c");
    ByteBuf out = Unpooled.buffer().writeMedium(0);
    encoder.encodeHeaders(1, other, out);

    out.skipBytes(3);
    assertThat(fields(read(out))).isEqualTo(fields(other));
  }

  private static Http2Headers answer(String length) {
    return new DefaultHttp2Headers()
        .status("200")
        .set("content-type", "application/grpc")
        .set("x-a", "b")
        .set("content-length", length);
  }

  private ByteBuf encoded(Http2Headers head) throws Http2Exception {
    ByteBuf out = Unpooled.buffer();
    encoder.encodeHeaders(1, head, out);
    return out;
  }

  private Http2Headers read(ByteBuf block) throws Http2Exception {
    return decoder.decodeHeaders(1, block);
  }

  private static List<String> fields(Http2Headers head) {
    List<String> fields = new ArrayList<>();
    for (Map.Entry<CharSequence, CharSequence> field : head) {
      fields.add(field.getKey() + ": " + field.getValue());
    }
    fields.sort(null);
    return fields;
  }

  // ---- what is not worth to be kept

  @Test
  void aHeadThatIsTooLargeToBeKeptIsNotLearnedEachTime() throws Http2Exception {
    Http2Headers large = new DefaultHttp2Headers().status("200").add("x-large", "v".repeat(1_200));
    Http2Headers longBlock = new DefaultHttp2Headers().status("200");
    for (int i = 0; i < 8; i++) { // larger than the table below, so that no field is indexed
      longBlock.add("x-" + i, "value".repeat(10));
    }

    assertThat(allocatedFor(large, 4096)).isLessThan(LEAST_LEARNED);
    assertThat(allocatedFor(longBlock, 64)).isLessThan(LEAST_LEARNED);
  }

  @Test
  void aHeadOfNothingButWhatDiffersIsNotLearned() throws Http2Exception {
    Http2Headers trailers = new DefaultHttp2Headers().add("grpc-message", "no");

    assertThat(allocatedFor(trailers, 4096)).isLessThan(LEAST_LEARNED);
  }

  /** An iterator; what is learned is at least a record and two arrays. */
  private static final long LEAST_LEARNED = 80;

  /** Bytes that one more of a head that comes again allocates, beyond what Netty's encoder does. */
  private static long allocatedFor(Http2Headers head, int table) throws Http2Exception {
    DefaultHttp2HeadersEncoder plain =
        new DefaultHttp2HeadersEncoder(
            (name, value) -> DIFFER.contains(name.toString()), false, 16, 64);
    HeadEncoder ours = new HeadEncoder(3);
    plain.maxHeaderTableSize(table);
    ours.maxHeaderTableSize(table);
    return allocated(ours, head) - allocated(plain, head);
  }

  private static long allocated(Http2HeadersEncoder encoder, Http2Headers head)
      throws Http2Exception {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    ByteBuf out = Unpooled.buffer(64 << 10);
    encoder.encodeHeaders(1, head, out); // the table changes its size
    encoder.encodeHeaders(1, head, out.clear()); // it is seen that the head is too large
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      long before = thread.getCurrentThreadAllocatedBytes();
      encoder.encodeHeaders(1, head, out.clear());
      least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
