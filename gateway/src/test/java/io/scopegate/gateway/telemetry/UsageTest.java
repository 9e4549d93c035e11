package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.answer.Refusal.Reason;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Intervals by a clock that moves when it is told to. */
class UsageTest {
  private static final UsageConfig HOURLY = new UsageConfig(true, Duration.ofHours(1));

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-29T10:59:30Z"));
  private final Lines lines = new Lines();
  private final LogOutput output = new LogOutput(lines);
  private final Usage usage = new Usage();

  @AfterEach
  void close() {
    output.close();
  }

  private void start(UsageConfig config) {
    usage.writeTo(new UsageLog(output, LogConfig.Format.JSON, now::get));
    usage.reconfigure(config);
  }

  private void finish(RequestRecord t) {
    usage.finished(t, Outcome.of(t));
  }

  private JsonObject next() throws InterruptedException {
    return new JsonObject(lines.next());
  }

  @Test
  void aRecordIsWrittenWhenItsIntervalIsOverAndTheNextOneBegins() throws InterruptedException {
    start(HOURLY);
    finish(RequestRecords.export());
    usage.tick();
    now.set(Instant.parse("2026-11-29T11:00:01Z"));
    usage.tick();
    usage.tick();
    finish(RequestRecords.search());
    now.set(Instant.parse("2026-11-29T11:10:00Z"));
    usage.end();

    JsonObject first = next();
    assertThat(first.getString("type")).isEqualTo("usage");
    assertThat(first.getString("tenant")).isEqualTo("showcase");
    assertThat(first.getString("from")).isEqualTo("2026-11-29T10:59:30Z");
    assertThat(first.getString("to")).isEqualTo("2026-11-29T11:00:01Z");
    assertThat(first.getLong("bytes_in")).isEqualTo(1_500);
    assertThat(first.getLong("writes")).isEqualTo(1);
    JsonObject second = next();
    assertThat(second.getString("from")).isEqualTo("2026-11-29T11:00:01Z");
    assertThat(second.getLong("queries")).isEqualTo(1);
    assertThat(second.getLong("query_ms")).isEqualTo(3);
    assertThat(second.getLong("bytes_out")).isEqualTo(2_048);
    assertThat(lines.waiting()).isZero();
  }

  @Test
  void whoHasUsedNothingHasNoRecord() throws InterruptedException {
    start(HOURLY);
    now.set(Instant.parse("2026-11-29T11:00:01Z"));
    usage.tick();
    finish(RequestRecords.search());
    usage.end();
    finish(RequestRecords.search());
    usage.end();

    assertThat(next().getLong("requests")).isEqualTo(1);
    assertThat(lines.waiting()).isZero();
  }

  @Test
  void namesThatAreTriedShareARecord() throws InterruptedException {
    start(HOURLY);
    finish(RequestRecords.refused(Reason.FORBIDDEN, "guess-1"));
    finish(RequestRecords.refused(Reason.FORBIDDEN, "guess-2"));
    finish(RequestRecords.refused(Reason.LIMITED, "acme"));
    finish(RequestRecords.refused(Reason.FORBIDDEN, "acme"));
    usage.end();

    JsonObject acme = next();
    assertThat(acme.getString("tenant")).isEqualTo("acme");
    assertThat(acme.getLong("refused_limited")).isEqualTo(1);
    assertThat(acme.getLong("refused_forbidden")).isEqualTo(1);
    JsonObject rest = next();
    assertThat(rest.getBoolean("rest")).isTrue();
    assertThat(rest.containsKey("tenant")).isFalse();
    assertThat(rest.getLong("refused_forbidden")).isEqualTo(2);
  }

  @Test
  void namesBeyondTheCapShareARecordAndNothingIsLost() {
    UsageLedger ledger = new UsageLedger(3);
    for (int i = 0; i < 10; i++) {
      RequestRecord t = RequestRecords.search();
      t.tenant = "tenant-" + i;
      assertThat(ledger.add(t, Outcome.OK)).isTrue();
    }

    List<UsageAccount> accounts = ledger.close();

    assertThat(accounts).hasSize(4);
    assertThat(total(accounts)).isEqualTo(10);
    assertThat(ledger.add(RequestRecords.search(), Outcome.OK)).as("closed").isFalse();
  }

  private static long total(Iterable<UsageAccount> accounts) {
    long[] sum = {0};
    accounts.forEach(account ->
        account.read(
            new UsageAccount.Reader() {
              @Override
              public void field(String label, long value) {
                sum[0] += label.equals("requests") ? value : 0;
              }

              @Override
              public void refused(String reason, long count) {}
            }));
    return sum[0];
  }

  @Test
  void noRequestIsLostBetweenTwoIntervals() throws InterruptedException {
    start(HOURLY);
    int each = 20_000;
    List<Thread> loops = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread loop =
          new Thread(() -> {
            for (int j = 0; j < each; j++) {
              finish(RequestRecords.search());
            }
          });
      loops.add(loop);
      loop.start();
    }
    long found = 0;
    while (loops.stream().anyMatch(Thread::isAlive)) {
      now.set(now.get().plusSeconds(3_600));
      usage.tick();
    }
    for (Thread loop : loops) {
      loop.join();
    }
    usage.end();
    while (found < 2L * each) {
      found += next().getLong("requests"); // fails when no more come
    }

    assertThat(found).isEqualTo(2L * each);
    assertThat(lines.waiting()).isZero();
  }

  @Test
  void recordsWaitForAReaderThatIsSlow() throws InterruptedException {
    start(HOURLY);
    for (int i = 0; i < UsageLedger.MOST_ACCOUNTS; i++) { // some five megabytes
      RequestRecord t = RequestRecords.search();
      t.tenant = "tenant-" + i;
      finish(t);
    }
    usage.end();

    for (int i = 0; i < UsageLedger.MOST_ACCOUNTS; i++) {
      assertThat(next().getLong("requests")).isEqualTo(1);
    }
  }

  @Test
  void combinationsOfOneReadersTenantsTakeNoRecordFromOthers() throws InterruptedException {
    start(HOURLY);
    for (int i = 0; i <= UsageLedger.MOST_ACCOUNTS; i++) {
      RequestRecord t = RequestRecords.search();
      t.tenant = "mine-" + i + "|mine";
      finish(t);
    }
    finish(RequestRecords.search());
    usage.end();

    int named = 0;
    long rest = 0;
    for (int i = 0; i < UsageLedger.MOST_FEDERATED + 2; i++) {
      JsonObject record = next();
      named += "showcase".equals(record.getString("tenant")) ? 1 : 0;
      rest += record.containsKey("rest") ? record.getLong("requests") : 0;
    }
    assertThat(named).isEqualTo(1);
    assertThat(rest).isEqualTo(UsageLedger.MOST_ACCOUNTS + 1L - UsageLedger.MOST_FEDERATED);
  }

  @Test
  void withoutAnIntervalThereAreNoRecords() {
    start(new UsageConfig(true, Duration.ZERO));
    assertThat(usage.isEnabled()).isTrue();
    finish(RequestRecords.search());
    usage.tick();
    usage.end();
    usage.reconfigure(new UsageConfig(false, Duration.ofHours(1)));
    assertThat(usage.isEnabled()).isFalse();
    finish(RequestRecords.search());
    usage.end();
    output.close();

    assertThat(lines.waiting()).isZero();
  }

  @Test
  void theTextFormHasTheSameFields() {
    UsageLedger ledger = new UsageLedger(1);
    ledger.add(RequestRecords.export(), Outcome.OK);
    UsageLine.Interval interval = new UsageLine.Interval(0, 60_000);

    UsageAccount account = ledger.close().get(0);
    String line =
        new String(UsageLine.of(account, interval, LogConfig.Format.TEXT), StandardCharsets.UTF_8);

    assertThat(line)
        .startsWith("1970-01-01T00:01:00.000Z usage from=1970-01-01T00:00:00Z to=")
        .contains(" tenant=showcase requests=1 bytes_in=1500 bytes_out=7 writes=1 ")
        .endsWith(" backend_bytes=0\n");
  }
}
