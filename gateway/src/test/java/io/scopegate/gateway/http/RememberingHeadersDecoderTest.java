package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersDecoder;
import io.netty.util.AsciiString;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RememberingHeadersDecoderTest {
  private static final int MAX = 32 << 10;

  private final Random random = new Random(20261121);
  private final ConnectionStanding standing = new ConnectionStanding(() -> {});
  private final RememberingHeadersDecoder decoder = new RememberingHeadersDecoder(MAX, standing);
  private final DefaultHttp2HeadersDecoder plain = new DefaultHttp2HeadersDecoder(true, true, MAX);
  private final DefaultHttp2HeadersEncoder encoder =
      new DefaultHttp2HeadersEncoder(
          (name, value) -> AsciiString.contentEquals("authorization", name), false, 16, 64);

  @BeforeEach
  void letIn() {
    standing.letIn();
  }

  @Test
  void remembersNoTokenOfAClientThatWasNeverLetIn() throws Http2Exception {
    RememberingHeadersDecoder wary =
        new RememberingHeadersDecoder(MAX, new ConnectionStanding(() -> {}));
    String token = token(1000);
    CharSequence first = decodeBy(wary, block(head(token))).get("authorization");
    CharSequence second = decodeBy(wary, block(head(token))).get("authorization");

    assertThat(second).hasToString(first.toString()).isNotSameAs(first);
  }

  @Test
  void refusesAHeadOfMoreThan128FieldsAndReadsTheNextOne() throws Http2Exception {
    Http2Headers many = new DefaultHttp2Headers();
    for (int i = 0; i < 129; i++) {
      many.add("x", "");
    }

    assertThatThrownBy(() -> decode(many)).isInstanceOf(HeaderListSizeException.class);
    assertThat(decode(new DefaultHttp2Headers().add("y", "z")).get("y")).hasToString("z");
  }

  /** It would be forwarded, and an upstream that knows extended CONNECT might open a tunnel. */
  @Test
  void refusesAProtocolThatWasNotOffered() {
    Http2Headers tunnel = head("token").method("CONNECT").add(":protocol", "websocket");
    Http2Headers post = new DefaultHttp2Headers().method("POST").add(":protocol", "websocket");

    for (Http2Headers sent : List.of(tunnel, post)) {
      assertThatThrownBy(() -> decode(sent))
          .isInstanceOfSatisfying(
              Http2Exception.class,
              e -> assertThat(e.error()).isEqualTo(Http2Error.PROTOCOL_ERROR));
    }
  }

  @Test
  void givesTheSameTokenAsTheSameObject() throws Http2Exception {
    String token = token(1000);
    CharSequence first = decode(head(token)).get("authorization");
    CharSequence second = decode(head(token)).get("authorization");

    assertThat(first).hasToString("Bearer " + token);
    assertThat(second).isSameAs(first);
  }

  @Test
  void givesAnotherTokenAsItIs() throws Http2Exception {
    String one = token(1000);
    String other = one.substring(0, 999) + (one.endsWith("a") ? "b" : "a");

    for (String token : new String[] {one, other, one, one, other}) {
      assertThat(decode(head(token)).get("authorization")).hasToString("Bearer " + token);
    }
  }

  @Test
  void decodesWhateverTheStockDecoderDoes() throws Http2Exception {
    String[] tokens = {token(20), token(80), token(400), token(1200), token(9000)};
    for (int i = 0; i < 5_000; i++) {
      Http2Headers sent = randomHead(tokens);
      ByteBuf block = Unpooled.buffer(); // on the heap: nobody follows where it goes
      encoder.encodeHeaders(1, sent, block);
      ByteBuf same = block.copy();
      same.readerIndex(0);

      assertThat(sorted(decoder.decodeHeaders(1, block))).isEqualTo(sorted(decodeBy(plain, same)));
      assertThat(block.isReadable()).isFalse();
      block.release();
      same.release();
    }
  }

  @Test
  void keepsBothOfTwoTokens() throws Http2Exception {
    Http2Headers two = head(token(300));
    two.add("authorization", "Bearer " + token(300));

    for (int i = 0; i < 3; i++) {
      assertThat(decode(two).getAll("authorization")).hasSize(2);
    }
  }

  @Test
  void leavesHostileBlocksToTheStockDecoder() throws Http2Exception {
    String[] tokens = {token(200), token(300)};
    for (int i = 0; i < 20_000; i++) {
      RememberingHeadersDecoder ours = new RememberingHeadersDecoder(MAX, standing);
      DefaultHttp2HeadersDecoder theirs = new DefaultHttp2HeadersDecoder(true, true, MAX);
      DefaultHttp2HeadersEncoder fresh =
          new DefaultHttp2HeadersEncoder(
              (name, value) -> AsciiString.contentEquals("authorization", name), false, 16, 64);
      ByteBuf block = Unpooled.buffer();
      fresh.encodeHeaders(1, randomHead(tokens), block);
      for (int k = random.nextInt(3); k >= 0; k--) {
        block.setByte(random.nextInt(block.writerIndex()), random.nextInt(256));
      }
      if (random.nextBoolean()) {
        block.writerIndex(random.nextInt(block.writerIndex() + 1));
      }
      assertThat(outcome(ours, block.copy())).isEqualTo(outcome(theirs, block));
    }
  }

  /** Bytes before and after a field that is known by its bytes, each with what is wrong with it. */
  static Stream<Arguments> oddBlocks() {
    return Stream.of(
        arguments("size of the table behind the token", "", "20"),
        arguments("pseudo-header behind the token", "", "84"),
        arguments("two sizes of the table before the token", "2026", ""),
        arguments("128 fields and the token", "", "90".repeat(128)),
        arguments("larger than allowed with the token", "", "be".repeat(10)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oddBlocks")
  void doesAsTheStockDecoderWithOddBlocksWhenTheTokenComesAgain(
      String what, String before, String after) throws Http2Exception {
    ByteBuf first = bytes("4001787fb916" + "76".repeat(3_000) + field("t".repeat(3_000)));
    DefaultHttp2HeadersDecoder counting = new CountingHeadersDecoder(MAX);
    decodeBy(counting, first.copy());
    decoder.decodeHeaders(1, first);
    String odd = before + field("t".repeat(3_000)) + after;

    assertThat(outcome(decoder, bytes(odd))).isEqualTo(outcome(counting, bytes(odd)));
  }

  /** As curl sends it: never indexed, its name by the static table, no Huffman code. */
  private static String field(String token) {
    int rest = token.length() - 127;
    return "1f08"
        + "7f%02x%02x".formatted(rest & 0x7f | 0x80, rest >> 7)
        + HexFormat.of().formatHex(token.getBytes(StandardCharsets.US_ASCII));
  }

  private static ByteBuf bytes(String hex) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
  }

  private static String outcome(Http2HeadersDecoder d, ByteBuf block) {
    try {
      return sorted(d.decodeHeaders(1, block));
    } catch (Http2Exception e) {
      return e.error().toString();
    } finally {
      block.release();
    }
  }

  private static Http2Headers decodeBy(Http2HeadersDecoder d, ByteBuf block) throws Http2Exception {
    return d.decodeHeaders(1, block);
  }

  private ByteBuf block(Http2Headers sent) throws Http2Exception {
    ByteBuf block = Unpooled.buffer(); // on the heap: nobody follows where it goes
    encoder.encodeHeaders(1, sent, block);
    return block;
  }

  private Http2Headers decode(Http2Headers sent) throws Http2Exception {
    ByteBuf block = block(sent);
    Http2Headers read = decoder.decodeHeaders(1, block);
    block.release();
    return read;
  }

  private static String sorted(Http2Headers headers) {
    StringBuilder all = new StringBuilder();
    headers.names().stream()
        .map(CharSequence::toString)
        .sorted()
        .forEach(name -> all.append(name).append('=').append(headers.getAll(name)).append('\n'));
    return all.toString();
  }

  private Http2Headers randomHead(String[] tokens) {
    Http2Headers h = head(tokens[random.nextInt(tokens.length)]);
    if (random.nextInt(4) == 0) {
      h.remove("authorization");
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      h.add("x-" + random.nextInt(50), token(random.nextInt(60)));
    }
    return h;
  }

  private static Http2Headers head(String token) {
    return new DefaultHttp2Headers()
        .method("POST")
        .path("/a")
        .scheme("https")
        .authority("localhost")
        .add("x-scope-orgid", "payments")
        .add("authorization", "Bearer " + token)
        .add("content-type", "application/grpc");
  }

  private String token(int length) {
    StringBuilder s = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      s.append(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
              .charAt(random.nextInt(65)));
    }
    return s.toString();
  }
}
