package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeutralHeadsTest {
  private static Http2Headers head() {
    return new DefaultHttp2Headers(false);
  }

  @ParameterizedTest
  @CsvSource({"200, 200", "999, 999", "000, 0", "20, 0", "2000, 0", "2x0, 0", "/00, 0", ":00, 0"})
  void readsTheStatusWhenItIsOne(String text, int status) {
    assertThat(NeutralHeads.status(head().status(text))).isEqualTo(status);
  }

  @Test
  void aHeadWithoutAStatusHasNone() {
    assertThat(NeutralHeads.status(head())).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "16, 16", "999, 999", "1000, -1", "x, -1", "-1, -1"})
  void readsTheStatusOfGrpcWhenItIsOne(String text, int status) {
    assertThat(NeutralHeads.grpcStatus(head().add("grpc-status", text), -1)).isEqualTo(status);
  }

  @Test
  void whatWasKnownStays() {
    assertThat(NeutralHeads.grpcStatus(head(), 7)).isEqualTo(7);
  }

  @Test
  void trailersKeepNothingThatFramesOrAddresses() {
    Http2Headers trailers =
        head()
            .add("content-length", "1")
            .add("host", "a")
            .add("trailer", "b")
            .add("transfer-encoding", "chunked")
            .add("x-sum", "1");

    assertThat(NeutralHeads.cleanTrailers(trailers)).isSameAs(trailers).hasSize(1);
  }

  @Test
  void fieldsCostTheirCharactersAndWhatHoldsThem() {
    assertThat(NeutralHeads.heapBytes(head())).isZero();
    assertThat(NeutralHeads.heapBytes(head().add("ab", "c").add("d", "efg")))
        .isEqualTo(2 * 128 + 3 + 4);
  }
}
