package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.answer.Refusal.Reason;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitedLinesTest {
  private static final long SECOND = 1_000_000_000L;

  private final LimitedLines limited = new LimitedLines();
  private final Lines lines = new Lines();
  private final LogOutput output = new LogOutput(lines);
  private final Telemetry telemetry =
      new Telemetry(
          LineLog.ofRequests(output, LogConfig.Format.JSON, InstantSource.fixed(Instant.EPOCH)),
          2,
          "1.2.3");

  @AfterEach
  void close() {
    telemetry.close();
    output.close();
  }

  private static RequestRecord refused(String tenant, long nanos) {
    RequestRecord t = RequestRecords.refused(Reason.LIMITED, tenant);
    t.endNanos = nanos;
    return t;
  }

  @Test
  void takesAFewInASecondAndTellsHowManyItLeftOut() {
    long now = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertThat(limited.takes(refused("payments", now + i), 3)).isEqualTo(i < 3);
    }
    RequestRecord next = refused("payments", now + 2 * SECOND);

    assertThat(limited.takes(next, 3)).isTrue();
    assertThat(next.skipped).isEqualTo(97);
    RequestRecord another = refused("payments", now + 2 * SECOND);
    assertThat(limited.takes(another, 3)).isTrue();
    assertThat(another.skipped).isZero();
  }

  @Test
  void aFloodOfOneTenantLeavesTheLinesOfAnother() {
    long now = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      limited.takes(refused("payments", now), 1);
    }
    for (int i = 0; i < 20; i++) {
      assertThat(limited.takes(refused("tenant-" + i, now), 1)).isTrue();
    }
  }

  @Test
  void moreTenantsThanAreToldApartShareTheLinesOfOneForASecond() {
    long now = System.nanoTime();
    int taken = 0;
    for (int i = 0; i < 5_000; i++) {
      taken += limited.takes(refused("tenant-" + i, now), 1) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(1_001);
    assertThat(limited.takes(refused("tenant-4000", now + 2 * SECOND), 1)).isTrue();
  }

  private static LogConfig limitedPerSecond(@Nullable Integer most) {
    return new LogConfig(
        LogConfig.Level.INFO, LogConfig.Format.JSON, true, most, LogConfig.Audit.NONE);
  }

  @Test
  void allOtherLinesAreWrittenAndThoseLeftOutAreCounted() throws InterruptedException {
    telemetry.reconfigure(limitedPerSecond(1));
    long now = System.nanoTime();
    telemetry.finished(refused("payments", now));
    telemetry.finished(refused("payments", now));
    telemetry.finished(refused("payments", now));
    telemetry.finished(RequestRecords.refused(Reason.FORBIDDEN, "payments"));
    telemetry.finished(refused("payments", now + 2 * SECOND));

    assertThat(lines.next()).contains("limited").doesNotContain("skipped");
    assertThat(lines.next()).contains("forbidden");
    assertThat(lines.next()).contains("limited").contains("\"skipped\":2");
    assertThat(new String(telemetry.scrape(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("scopegate_access_log_skipped_total 2.0");
  }

  @Test
  void allAreWrittenWhenThatIsWanted() throws InterruptedException {
    telemetry.reconfigure(limitedPerSecond(null));
    for (int i = 0; i < 50; i++) {
      telemetry.finished(refused("payments", 5));
    }
    for (int i = 0; i < 50; i++) {
      assertThat(lines.next()).contains("limited");
    }
  }
}
