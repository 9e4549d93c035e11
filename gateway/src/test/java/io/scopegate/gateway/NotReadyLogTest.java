package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NotReadyLogTest {
  private long nanos;

  @Test
  void saysItFirstAndThenAtGrowingDistancesUpToAMinute() {
    List<Long> seconds = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    NotReadyLog log =
        new NotReadyLog(
            () -> nanos,
            line -> {
              seconds.add(nanos / 1_000_000_000L);
              lines.add(line);
            });
    for (int second = 0; second < 300; second++) {
      nanos = second * 1_000_000_000L;
      log.failed("why");
    }
    assertThat(seconds).containsExactly(0L, 2L, 6L, 14L, 30L, 62L, 122L, 182L, 242L);
    assertThat(lines.get(0)).endsWith("no review has succeeded yet: why");
    assertThat(lines.get(2)).endsWith("(7 attempts in 6 s): why");
  }
}
