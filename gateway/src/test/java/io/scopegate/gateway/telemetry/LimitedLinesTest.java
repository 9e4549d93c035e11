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

  private final LimitedLines<String> limited = new LimitedLines<>();
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
      assertThat(limited.takes("payments", refused("payments", now + i), 3)).isEqualTo(i < 3);
    }
    RequestRecord next = refused("payments", now + 2 * SECOND);

    assertThat(limited.takes("payments", next, 3)).isTrue();
    assertThat(next.skipped).isEqualTo(97);
    RequestRecord another = refused("payments", now + 2 * SECOND);
    assertThat(limited.takes("payments", another, 3)).isTrue();
    assertThat(another.skipped).isZero();
  }

  @Test
  void tellsApartWhoTakesTurns() {
    long now = System.nanoTime();
    for (int i = 0; i < 10; i++) {
      for (String tenant : new String[] {"a", "b", new String("b"), "c"}) {
        assertThat(limited.take(tenant, now, 4) != LimitedLines.NONE)
            .as(tenant + i)
            .isEqualTo(tenant.equals("b") ? i < 2 : i < 4);
      }
    }
  }

  @Test
  void aFloodOfOneTenantLeavesTheLinesOfAnother() {
    long now = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      limited.takes("payments", refused("payments", now), 1);
    }
    for (int i = 0; i < 20; i++) {
      assertThat(limited.takes("tenant-" + i, refused("tenant-" + i, now), 1)).isTrue();
    }
  }

  @Test
  void moreTenantsThanAreToldApartShareTheLinesOfOneForASecond() {
    long now = System.nanoTime();
    int taken = 0;
    for (int i = 0; i < 5_000; i++) {
      taken += limited.takes("tenant-" + i, refused("tenant-" + i, now), 1) ? 1 : 0;
    }
    assertThat(taken).isEqualTo(1_001);
    assertThat(limited.takes("tenant-4000", refused("tenant-4000", now + 2 * SECOND), 1)).isTrue();
  }

  private static LogConfig perSecond(@Nullable Integer limited, @Nullable Integer unknown) {
    return new LogConfig(
        LogConfig.Level.INFO,
        LogConfig.Format.JSON,
        true,
        limited,
        unknown,
        2,
        LogConfig.Audit.NONE,
        1,
        null,
        null);
  }

  @Test
  void allOtherLinesAreWrittenAndThoseLeftOutAreCounted() throws InterruptedException {
    telemetry.reconfigure(perSecond(1, null));
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
    telemetry.reconfigure(perSecond(null, null));
    for (int i = 0; i < 50; i++) {
      telemetry.finished(refused("payments", 5));
    }
    for (int i = 0; i < 50; i++) {
      assertThat(lines.next()).contains("limited");
    }
  }

  private static RequestRecord unknown(Reason reason, long network, long nanos) {
    RequestRecord t = RequestRecords.refused(reason, "");
    t.user = "";
    t.clientNetwork = network;
    t.endNanos = nanos;
    return t;
  }

  @Test
  void whoIsKnownCannotFillTheLogWithRefusalsNorHideOthers() throws InterruptedException {
    telemetry.reconfigure(perSecond(null, null));
    for (int i = 0; i < 1_000; i++) {
      telemetry.finished(of("jane", i % 2 == 0 ? Reason.FORBIDDEN : Reason.NOT_FOUND, i));
    }
    telemetry.finished(of("mary", Reason.FORBIDDEN, 1_000));
    telemetry.finished(of("jane", Reason.FORBIDDEN, 2 * SECOND));

    for (int i = 0; i < 3; i++) {
      assertThat(lines.next()).doesNotContain("skipped");
    }
    assertThat(lines.next()).contains("\"user\":\"jane\"", "\"skipped\":998");
  }

  private static RequestRecord of(String user, Reason reason, long nanos) {
    RequestRecord t = RequestRecords.refused(reason, "payments");
    t.user = user;
    t.endNanos = nanos;
    return t;
  }

  @Test
  void whoShowsNoCredentialCannotFillTheLogNorHideOthers() throws InterruptedException {
    telemetry.reconfigure(perSecond(null, 1));
    long now = System.nanoTime();
    for (int i = 0; i < 1_000; i++) {
      telemetry.finished(unknown(i % 2 == 0 ? Reason.UNAUTHENTICATED : Reason.MALFORMED, 1, now));
    }
    telemetry.finished(unknown(Reason.UNAUTHENTICATED, 2, now));
    telemetry.finished(RequestRecords.refused(Reason.FORBIDDEN, "payments"));
    telemetry.finished(unknown(Reason.UNAUTHENTICATED, 1, now + 2 * SECOND));

    assertThat(lines.next()).contains("unauthenticated").doesNotContain("skipped");
    assertThat(lines.next()).contains("unauthenticated").doesNotContain("skipped");
    assertThat(lines.next()).contains("forbidden");
    assertThat(lines.next()).contains("unauthenticated").contains("\"skipped\":999");
  }
}
