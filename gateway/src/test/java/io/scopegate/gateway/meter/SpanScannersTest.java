package io.scopegate.gateway.meter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.scopegate.testkit.tempo.Traces;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** Which spans are found, in each format. */
class SpanScannersTest {
  @Test
  void findsTheSpansOfRealExports() throws InvalidProtocolBufferException {
    var export = Traces.batch(Traces.newId(), "checkout", "POST /cart", 300);

    SpanScanner protobuf = scan(BodyFormat.OTLP_PROTOBUF, export.toByteArray());
    assertThat(protobuf.spans()).isEqualTo(300);
    assertThat(protobuf.malformed()).isFalse();
    assertThat(json(export, JsonFormat.printer())).isEqualTo(300);
    assertThat(json(export, JsonFormat.printer().omittingInsignificantWhitespace())).isEqualTo(300);
    assertThat(json(export, JsonFormat.printer().preservingProtoFieldNames())).isEqualTo(300);
  }

  private static long json(MessageOrBuilder export, JsonFormat.Printer printer)
      throws InvalidProtocolBufferException {
    SpanScanner scanner = scan(BodyFormat.OTLP_JSON, printer.print(export));
    assertThat(scanner.malformed()).isFalse();
    return scanner.spans();
  }

  @Test
  void countsTheMessagesOfAStreamTogether() {
    byte[] message = new Proto().bytes(2, new byte[3]).bytes(2, new byte[0]).toByteArray();
    SpanScanner scanner = scanner(BodyFormat.OPENCENSUS);
    for (int i = 0; i < 3; i++) {
      scanner.scan(Unpooled.wrappedBuffer(message), 0, message.length);
      scanner.endOfMessage();
    }

    assertThat(scanner.spans()).isEqualTo(6);
    assertThat(scanner.malformed()).isFalse();
  }

  @Test
  void skipsWhatLooksLikeSpansElsewhere() {
    Proto scope = new Proto().bytes(1, new byte[] {18, 0}).bytes(2, new byte[] {18, 0});
    Proto resource = new Proto().message(1, scope).message(2, scope).message(1000, scope);
    Proto export =
        new Proto().group(7, new Proto().message(1, resource)).message(2, resource).fixed32(3);

    assertThat(scan(BodyFormat.OTLP_PROTOBUF, export.message(1, resource).toByteArray()).spans())
        .isEqualTo(1);
  }

  @Test
  void readsTagsThatGoReadsToo() {
    // a field number of more than 32 bits, of which Go keeps the lower ones
    byte[] export = new Proto().raw(1L << 36 | 1 << 3 | 2).raw(0).toByteArray();

    assertThat(scan(BodyFormat.ZIPKIN_PROTOBUF, export).spans()).isEqualTo(1);
  }

  @Test
  void stopsAtBrokenProtobuf() {
    byte[][] messages = {
      {0x0a}, // a length is missing
      {0x0a, 5, 1, 1}, // longer than there is
      {0x08, 1}, // the field on the way is a number
      {0x02, 0}, // field 0
      {0x0f}, // no such type
      {0x14}, // a group ends that did not begin
      {0x13}, // a group does not end
      {0x0a, 3, 0x12, 5, 1}, // longer inside than outside
      {0x0a, 1, 0x12}, // ends in the middle of a field
      {0x0a, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}, // a negative length
      {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}, // a number without end
    };
    for (byte[] message : messages) {
      SpanScanner scanner = scan(BodyFormat.OTLP_PROTOBUF, message);

      assertThat(scanner.malformed()).as("%s", (Object) message).isTrue();
      assertThat(scanner.spans()).isZero();
    }
  }

  @Test
  void stopsAtGroupsWithoutEnd() {
    byte[] groups = new byte[1_000];
    Arrays.fill(groups, (byte) 0x2b);

    assertThat(scan(BodyFormat.OTLP_PROTOBUF, groups).malformed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{},{}]},{\"spans\":[{}]}]}]} | 3",
        "{\"resource_spans\":[{\"scope_spans\":[{\"spans\":[{}]}]}]} | 1",
        "{\"r\\u0065sourceSpans\":[{\"scopeSpans\":[{\"\\u0073pans\":[null,1]}]}]} | 2",
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{}]}]}],\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{}]}]}]} | 2",
        "{\"spans\":[{}],\"scopeSpans\":[{\"spans\":[{}]}]} | 0",
        "{\"resourceSpans\":{\"scopeSpans\":[{\"spans\":[{}]}]}} | 0",
        "{\"resourceSpans\":[[{\"scopeSpans\":[{\"spans\":[{}]}]}]]} | 0",
        "{\"resourceSpans\":[{\"x\":{\"scopeSpans\":[{\"spans\":[{}]}]}}]} | 0",
        "{\"ResourceSpans\":[{\"scopeSpans\":[{\"spans\":[{}]}]}]} | 0",
        "{\"resourceSpans\\n\":[{\"scopeSpans\":[{\"spans\":[{}]}]}]} | 0",
        "{\"resourceSpan\":[{\"scopeSpans\":[{\"spans\":[{}]}]}]} | 0",
        "[{\"scopeSpans\":[{\"spans\":[{}]}]}] | 0",
        "{} | 0",
        "null | 0",
      })
  void findsTheSpansOfOtlpAsJson(String json, long spans) {
    SpanScanner scanner = scan(BodyFormat.OTLP_JSON, json);

    assertThat(scanner.spans()).isEqualTo(spans);
    assertThat(scanner.malformed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"[] | 0", " [ {} , {\"tags\":{\"a\":[1,2]}} , [1] ] | 3", "{\"a\":[1,2]} | 0"})
  void findsTheSpansOfZipkinAsJson(String json, long spans) {
    SpanScanner scanner = scan(BodyFormat.ZIPKIN_JSON, json);

    assertThat(scanner.spans()).isEqualTo(spans);
    assertThat(scanner.malformed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[",
        "[}",
        "[1,]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "[]]",
        "[] []",
        "\"a",
        "\"\\x\"",
        "\"\\u00g0\"",
        "[\u00e9]",
        "]",
        ","
      })
  void stopsAtBrokenJson(String json) {
    assertThat(scan(BodyFormat.ZIPKIN_JSON, json).malformed()).isTrue();
  }

  @Test
  void stopsAtJsonThatIsTooDeep() {
    assertThat(scan(BodyFormat.OTLP_JSON, "[".repeat(1_000) + "]".repeat(1_000)).malformed())
        .isFalse();
    assertThat(scan(BodyFormat.OTLP_JSON, "[".repeat(2_000) + "]".repeat(2_000)).malformed())
        .isTrue();
  }

  @Test
  void countsNoMoreThriftSpansThanCome() {
    ByteBuf batch = Unpooled.buffer().writeByte(12).writeShort(1).writeByte(0);
    batch.writeByte(15).writeShort(2).writeByte(12).writeInt(Integer.MAX_VALUE).writeZero(3);
    SpanScanner scanner = scan(BodyFormat.JAEGER_THRIFT, batch);

    assertThat(scanner.spans()).isEqualTo(3);
    assertThat(scanner.malformed()).isTrue();
  }

  @Test
  void readsThriftSpansWhateverTypeTheyPretendToBe() {
    ByteBuf batch = Unpooled.buffer().writeByte(15).writeShort(2).writeByte(8).writeInt(2);
    batch.writeZero(2).writeZero(1);
    SpanScanner scanner = scan(BodyFormat.JAEGER_THRIFT, batch);

    assertThat(scanner.spans()).isEqualTo(2);
    assertThat(scanner.malformed()).isFalse();
  }

  @Test
  void stopsAtThriftThatIsTooDeepOrNegative() {
    ByteBuf deep = Unpooled.buffer();
    for (int i = 0; i < 1_000; i++) {
      deep.writeByte(12).writeShort(1);
    }
    assertThat(scan(BodyFormat.JAEGER_THRIFT, deep).malformed()).isTrue();
    assertThat(
            scan(BodyFormat.ZIPKIN_THRIFT, Unpooled.buffer().writeByte(12).writeInt(-1))
                .malformed())
        .isTrue();
    assertThat(
            scan(
                    BodyFormat.JAEGER_THRIFT,
                    Unpooled.buffer().writeByte(11).writeShort(3).writeInt(-5))
                .malformed())
        .isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void whatHasSpansHasAScanner(BodyFormat format) {
    assertThat(format.scanner() != null).isEqualTo(format.hasSpans());
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "OTHER")
  void emptyMessagesHaveNoSpans(BodyFormat format) {
    SpanScanner scanner = scan(format, Unpooled.EMPTY_BUFFER);

    assertThat(scanner.spans()).isZero();
  }

  @Property(tries = 20_000, seed = "20261124")
  void anyBytesAreReadToTheirEndAndNoFurther(@ForAll byte[] bytes, @ForAll byte cut) {
    for (BodyFormat format : BodyFormat.values()) {
      if (format != BodyFormat.OTHER) {
        SpanScanner whole = scan(format, Unpooled.wrappedBuffer(bytes));
        SpanScanner split = scanner(format);
        int at = Math.min(bytes.length, Math.abs(cut));
        split.scan(Unpooled.wrappedBuffer(bytes, 0, at), 0, at);
        split.scan(Unpooled.wrappedBuffer(bytes, at, bytes.length - at), 0, bytes.length - at);
        split.endOfMessage();

        assertThat(split.spans()).isEqualTo(whole.spans()).isLessThanOrEqualTo(bytes.length);
        assertThat(split.malformed()).isEqualTo(whole.malformed());
      }
    }
  }

  private static SpanScanner scan(BodyFormat format, String text) {
    return scan(format, text.getBytes(StandardCharsets.UTF_8));
  }

  private static SpanScanner scan(BodyFormat format, byte[] message) {
    return scan(format, Unpooled.wrappedBuffer(message));
  }

  private static SpanScanner scan(BodyFormat format, ByteBuf message) {
    SpanScanner scanner = scanner(format);
    scanner.scan(message, message.readerIndex(), message.writerIndex());
    scanner.endOfMessage();
    return scanner;
  }

  private static SpanScanner scanner(BodyFormat format) {
    SpanScanner scanner = format.scanner();
    assertThat(scanner).isNotNull();
    return scanner;
  }
}
