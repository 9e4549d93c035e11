package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.ReferenceCountUtil;
import io.scopegate.gateway.exchange.NeutralHeads;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadsTest {
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "expect",
          "host");

  private static HttpRequest request(String target) {
    HttpRequest r = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target);
    r.headers().set("Host", "a.example");
    return r;
  }

  @ParameterizedTest
  @CsvSource({
    "/x?y, a.example, /x?y",
    "http://b.example/x, b.example, /x",
    "https://b.example:1, b.example:1, /"
  })
  void readsTargets(String target, String authority, String path) {
    Http2Headers h = Heads.request(request(target));
    assertThat(h).isNotNull();
    assertThat(h.authority().toString()).isEqualTo(authority);
    assertThat(h.path().toString()).isEqualTo(path);
    assertThat(h.method().toString()).isEqualTo("GET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "a.example:443", "x", "", "ftp://a/x"})
  void refusesOtherForms(String target) {
    assertThat(Heads.request(request(target))).isNull();
  }

  @Test
  void keepsRepeatedFieldsInTheirOrder() {
    HttpRequest r = request("/");
    r.headers().add("X-A", "1").add("x-a", "2");
    assertThat(Heads.request(r).getAll("x-a"))
        .map(CharSequence::toString)
        .containsExactly("1", "2");
  }

  @Test
  void asksHttp1UpstreamsForTrailers() {
    Http2Headers h =
        new DefaultHttp2Headers().method("POST").path("/x").authority("a").add("te", "trailers");
    HttpRequest r = Heads.request(h, false);
    assertThat(r.headers().get("te")).isEqualTo("trailers");
    assertThat(r.headers().get("connection")).isEqualToIgnoringCase("te");
    assertThat(r.headers().get("transfer-encoding")).isEqualTo("chunked");
    assertThat(Heads.request(h, true).headers().get("content-length")).isEqualTo("0");
  }

  @ParameterizedTest
  @CsvSource({"200, 200", "099, 99", "2000, 0", "abc, 0", "'', 0"})
  void readsAStatus(String text, int status) {
    assertThat(NeutralHeads.status(new DefaultHttp2Headers(false).status(text))).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "16, 16", "-1, 7", "1234, 7", "x, 7"})
  void readsAGrpcStatus(String text, int status) {
    assertThat(NeutralHeads.grpcStatus(new DefaultHttp2Headers().add("grpc-status", text), 7))
        .isEqualTo(status);
  }

  /** Whatever the decoder lets through: lower case, nothing of this hop, no line break. */
  @Test
  void neverLetsAHopOrALineBreakThrough() {
    Random random = new Random(3);
    String[] parts = {
      "Connection",
      "connection",
      ":",
      " ",
      "\r\n",
      "\n",
      "X-A",
      "x-b",
      ",",
      "close",
      "upgrade",
      "te",
      "TE",
      "trailers",
      ":path",
      "keep-alive",
      "Transfer-Encoding",
      "chunked",
      "\t",
      "\0",
      "Host",
      "a",
      "Proxy-Connection",
      "X-Scope-OrgID",
      "\r"
    };
    int accepted = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder("GET /x HTTP/1.1\r\nHost: a\r\n");
      for (int n = random.nextInt(5); n > 0; n--) {
        text.append(parts[random.nextInt(parts.length)]).append(": ");
        for (int m = random.nextInt(4); m > 0; m--) {
          text.append(parts[random.nextInt(parts.length)]);
        }
        text.append("\r\n");
      }
      accepted += check(text.append("\r\n").toString());
    }
    assertThat(accepted).isGreaterThan(1000);
  }

  private static int check(String text) {
    EmbeddedChannel channel =
        new EmbeddedChannel(new HttpRequestDecoder(Http1RequestDecoder.config(32 << 10)));
    int accepted = 0;
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    for (Object o; (o = channel.readInbound()) != null; ) {
      if (o instanceof HttpRequest r && r.decoderResult().isSuccess()) {
        Http2Headers h = Heads.request(r);
        if (h != null) {
          accepted++;
          assertClean(h, text);
        }
      }
      ReferenceCountUtil.release(o);
    }
    channel.finishAndReleaseAll();
    return accepted;
  }

  private static void assertClean(Http2Headers h, String text) {
    assertThat(h.method()).as(text).isNotNull();
    assertThat(h.path()).as(text).isNotNull();
    for (Map.Entry<CharSequence, CharSequence> field : h) {
      String name = field.getKey().toString();
      assertThat(name).as(text).isEqualTo(name.toLowerCase(Locale.ROOT)).isNotIn(HOP_BY_HOP);
      assertThat(field.getValue().toString()).as(text).doesNotContain("\r", "\n", "\0");
    }
    HttpHeaders out = Heads.http1(h);
    for (String name : HOP_BY_HOP) {
      assertThat(out.contains(name)).as(text + name).isFalse();
    }
  }
}
