package io.scopegate.gateway.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTimeoutTest {
  @ParameterizedTest
  @CsvSource({
    "0n, 0",
    "1n, 1",
    "7u, 7000",
    "150m, 150000000",
    "2S, 2000000000",
    "3M, 180000000000",
    "1H, 3600000000000",
    "99999999n, 99999999",
    "99999999H, 8640000000000000"
  })
  void readsValueAndUnit(String text, long nanos) {
    assertThat(GrpcTimeout.nanos(text)).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1", "S", "-1S", "+1S", "1 S", "1s", "1.5S", "123456789S", "1SS", " 1S"})
  void ignoresWhatIsMalformed(String text) {
    assertThat(GrpcTimeout.nanos(text)).isEqualTo(-1);
  }

  @Test
  void neverOverflows() {
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = new byte[random.nextInt(10)];
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = (byte) "0123456789HMSmun".charAt(random.nextInt(16));
      }
      String text = new String(bytes, java.nio.charset.StandardCharsets.US_ASCII);
      assertThat(GrpcTimeout.nanos(text)).as(text).isBetween(-1L, 8_640_000_000_000_000L);
    }
  }
}
