package io.scopegate.gateway.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.util.AsciiString;
import io.opentelemetry.proto.trace.v1.Span;
import io.scopegate.testkit.otlp.OtlpReceiver;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written reads the same with the official classes. */
final class ProtoBytesTest {
  private final ProtoBytes out = new ProtoBytes(1);

  private Span read() throws Exception {
    return Span.parseFrom(out.toByteArray());
  }

  @Test
  void idsAreBigEndianAndTimesAreFixed() throws Exception {
    out.id(1, 0x0102030405060708L, 0x090a0b0c0d0e0f10L).id(2, -2).fixed64(7, -3).fixed32(16, -4);
    assertThat(read())
        .isEqualTo(
            Span.newBuilder()
                .setTraceId(ByteString.fromHex("0102030405060708090a0b0c0d0e0f10"))
                .setSpanId(ByteString.fromHex("fffffffffffffffe"))
                .setStartTimeUnixNano(-3)
                .setFlags(-4)
                .build());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 127, 128, 129, 16_383, 16_384, 70_000})
  void whatIsNestedMayBeOfAnySize(int size) throws Exception {
    int mark = out.begin(13);
    int inner = out.begin(4);
    out.text(1, "x".repeat(size), size);
    out.end(inner);
    out.end(mark);
    out.text(5, "after", 100);
    assertThat(read().getLinks(0).getAttributes(0).getKey()).hasSize(size);
    assertThat(read().getName()).isEqualTo("after");
  }

  @Property(tries = 300)
  void anyTextIsValidAndNotLongerThanAllowed(@ForAll String text) throws Exception {
    ProtoBytes here = new ProtoBytes(1);
    here.text(5, text, 20);
    String expected = text.substring(0, Math.min(20, text.length()));
    // a surrogate without its other half has no UTF-8
    String valid = new String(expected.getBytes(StandardCharsets.UTF_16), StandardCharsets.UTF_16);
    assertThat(Span.parseFrom(here.toByteArray()).getName()).isEqualTo(valid);
  }

  @Test
  void rawBytesOfAHeadAreValidToo() throws Exception {
    out.text(5, new AsciiString(new byte[] {'/', (byte) 0xc3, (byte) 0xff}), 100);
    assertThat(read().getName()).isEqualTo("/\u00c3\u00ff");
  }

  @Property(tries = 300)
  void anyNumberIsThere(@ForAll @LongRange(min = 0) long number) throws Exception {
    ProtoBytes here = new ProtoBytes(1);
    here.number(10, number & Integer.MAX_VALUE);
    assertThat(Span.parseFrom(here.toByteArray()).getDroppedAttributesCount())
        .isEqualTo((int) (number & Integer.MAX_VALUE));
  }

  @Test
  void attributesLeaveOutWhatIsEmpty() throws Exception {
    new Attributes(out, 9)
        .text(AttributeKey.of("a"), "x")
        .text(AttributeKey.of("b"), "")
        .number(AttributeKey.of("c"), 0)
        .number(AttributeKey.of("d"), Long.MAX_VALUE)
        .flag(AttributeKey.of("e"), true)
        .flag(AttributeKey.of("f"), false)
        .text(AttributeKey.of("g"), "a mid z", 2, 5)
        .text(AttributeKey.of("h"), "none", 2, 2);
    assertThat(OtlpReceiver.attributes(read().getAttributesList()).toString())
        .isEqualTo("{a=x, c=0, d=9223372036854775807, e=true, g=mid}");
  }
}
