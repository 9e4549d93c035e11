package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Dialect;
import io.scopegate.gateway.answer.Refusal;
import org.junit.jupiter.api.Test;

class EncodedRefusalsTest {
  private static final String TEXT = "limit: tenant a is over ingestBytesPerSecond";

  private final EncodedRefusals refusals = new EncodedRefusals();

  private static Refusal refusal(String text, long millis) {
    return Refusal.overRate(text, millis, new Refusal.Allowance(10, 0, 1));
  }

  @Test
  void saysWhatEveryOtherRefusalSays() throws Http2Exception {
    for (long millis = 1_000; millis < 30_000; millis += 7) {
      Refusal refusal = refusal(TEXT, millis);
      Http2Headers wanted = Answers.reply(refusal, Dialect.GRPC, true, "id").head();
      wanted.remove(Answers.REQUEST_ID);

      EncodedRefusals.Encoded encoded = refusals.of(refusal);

      assertThat(encoded.status()).isEqualTo(200);
      assertThat(encoded.grpcStatus()).isEqualTo(8);
      // a new decoder each time: nothing depends on what came before
      assertThat(
              new DefaultHttp2HeadersDecoder()
                  .decodeHeaders(1, Unpooled.wrappedBuffer(encoded.block())))
          .isEqualTo(wanted);
    }
  }

  @Test
  void encodesWhatComesAgainOnce() {
    assertThat(refusals.of(refusal(TEXT, 1_000))).isSameAs(refusals.of(refusal(TEXT, 1_000)));
    assertThat(refusals.of(refusal(TEXT, 1_001))).isNotSameAs(refusals.of(refusal(TEXT, 1_000)));
  }

  @Test
  void neverTakesAnotherTextForTheSame() {
    for (int i = 0; i < 2_000; i++) { // more than there are places
      String text = "limit: tenant " + i;
      assertThat(refusals.of(refusal(text, 1_000)).detail()).isSameAs(text);
    }
  }
}
