package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimestampTest {
  private final Timestamp timestamp = new Timestamp();

  @Test
  void writesMillisecondsOfAnySecond() {
    assertThat(text("2026-11-21T12:13:14.015Z")).isEqualTo("2026-11-21T12:13:14.015Z");
    assertThat(text("2026-11-21T12:13:14.999Z")).isEqualTo("2026-11-21T12:13:14.999Z");
    assertThat(text("2026-11-21T12:13:15Z")).isEqualTo("2026-11-21T12:13:15.000Z");
    assertThat(text("2027-01-01T00:00:00Z")).isEqualTo("2027-01-01T00:00:00.000Z");
    assertThat(text("1969-12-31T23:59:59.001Z")).isEqualTo("1969-12-31T23:59:59.001Z");
  }

  private String text(String instant) {
    JsonBytes out = new JsonBytes(32);
    timestamp.append(Instant.parse(instant).toEpochMilli(), out);
    return new String(out.toByteArray(), StandardCharsets.UTF_8);
  }
}
