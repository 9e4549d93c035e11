package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.answer.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What many tenants make of the metrics. */
class CardinalityTest {
  private static final int CAP = 500;
  private static final int MANY = 50_000;

  private final Telemetry telemetry = new Telemetry(null, CAP, "test");

  @AfterEach
  void close() {
    telemetry.close();
  }

  /** One request of each kind for each of these tenants. */
  private void see(int from, int to) {
    for (int i = from; i < to; i++) {
      RequestRecord stored = RequestRecords.export();
      stored.tenant = "tenant-" + i;
      telemetry.finished(stored);
      RequestRecord read = RequestRecords.search();
      read.tenant = "tenant-" + i;
      telemetry.finished(read);
      telemetry.finished(RequestRecords.refused(Reason.LIMITED, "tenant-" + i));
      telemetry.finished(RequestRecords.refused(Reason.FORBIDDEN, "tried-" + i));
      telemetry.limits("tenant-" + i).limit("spansPerSecond", 10);
      telemetry.limits("tenant-" + i).refused("spansPerSecond");
      telemetry.limits("tenant-" + i).wouldRefuse("queriesPerSecond");
    }
  }

  private long series() {
    return new String(telemetry.scrape(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("scopegate_"))
        .count();
  }

  @Test
  void tenantsBeyondTheCapAddNothingAndAScrapeTakesLessThanASecond() {
    telemetry.usage().reconfigure(new UsageConfig(true, Duration.ZERO));
    see(0, CAP + 1);
    long full = series();

    see(CAP + 1, MANY);

    assertThat(full).isGreaterThan(CAP * 10L);
    assertThat(series()).isEqualTo(full);
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) { // the machine may be busy with something else
      long began = System.nanoTime();
      telemetry.scrape();
      fastest = Math.min(fastest, System.nanoTime() - began);
    }
    assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofSeconds(1));
  }
}
