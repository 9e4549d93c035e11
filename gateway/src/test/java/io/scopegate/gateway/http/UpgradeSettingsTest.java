package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Settings;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeSettingsTest {
  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Test
  void readsPairs() {
    byte[] pairs =
        ByteBuffer.allocate(12)
            .putShort((short) 3)
            .putInt(100)
            .putShort((short) 4)
            .putInt(65_535)
            .array();

    Http2Settings settings = UpgradeSettings.parse(encoded(pairs));

    assertThat(settings).isNotNull().hasSize(2);
    assertThat(settings.maxConcurrentStreams()).isEqualTo(100);
    assertThat(settings.initialWindowSize()).isEqualTo(65_535);
  }

  @Test
  void readsNone() {
    assertThat(UpgradeSettings.parse("")).isNotNull().isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"!", "AAMA", "AAMAAABkA", "AAQ_____w", "AAIAAAAC"})
  void refusesWhatIsMalformed(String text) {
    assertThat(UpgradeSettings.parse(text)).isNull();
  }

  @Test
  void refusesWhatIsLong() {
    assertThat(UpgradeSettings.parse("A".repeat(520))).isNull();
  }

  @Test
  void takesAnyBytesWithoutAnException() {
    Random random = new Random(2);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      Http2Settings settings = UpgradeSettings.parse(encoded(bytes));
      assertThat(settings == null || bytes.length % 6 == 0).isTrue();
      byte[] text = new byte[random.nextInt(40)];
      random.nextBytes(text);
      UpgradeSettings.parse(new String(text, java.nio.charset.StandardCharsets.ISO_8859_1));
    }
  }
}
