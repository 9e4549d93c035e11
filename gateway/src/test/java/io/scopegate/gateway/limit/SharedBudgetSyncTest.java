package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scopegate.gateway.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas that share budgets, by one clock that only moves when it is told to. */
class SharedBudgetSyncTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long STEP = 10_000_000L;
  private static final Percentage TENTH = Percentage.withPercentage(10);

  private final AtomicLong clock = new AtomicLong(SECOND);
  private final SharedBudgetStoreStandIn account = new SharedBudgetStoreStandIn(clock::get);
  private final List<Telemetry> telemetries = new ArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();

  @AfterEach
  void close() {
    telemetries.forEach(Telemetry::close);
  }

  private record Replica(
      SharedBudgetStoreStandIn.Replica ledger, SharedBudgetSync exchanges, Telemetry telemetry) {
    Bucket bytes(String tenant, double perSecond, long burst) {
      return exchanges.bucket(tenant, LimitKind.INGEST_BYTES, new Rate(perSecond, burst));
    }

    boolean isUp() {
      return new String(telemetry.scrape(), java.nio.charset.StandardCharsets.UTF_8)
          .contains("scopegate_limit_store_up 1.0");
    }
  }

  private Replica replica() {
    Telemetry telemetry = new Telemetry(null, 10, "test");
    telemetries.add(telemetry);
    SharedBudgetStoreStandIn.Replica ledger = account.replica();
    SharedBudgetSync exchanges =
        new SharedBudgetSync(ledger, Runnable::run, clock::get, telemetry.limitStore());
    Replica replica = new Replica(ledger, exchanges, telemetry);
    replicas.add(replica);
    exchanges.tick();
    return replica;
  }

  private void tick() {
    clock.addAndGet(SharedBudgetSync.TICK_NANOS);
    replicas.forEach(r -> r.exchanges().tick());
  }

  /** Everybody takes as much as they get, in pieces; the sum. */
  private long flood(double seconds, long piece, List<Bucket> buckets) {
    long taken = 0;
    long end = clock.get() + (long) (seconds * SECOND);
    while (clock.get() < end) {
      for (int i = 0; i < SharedBudgetSync.TICK_NANOS / STEP; i++) {
        clock.addAndGet(STEP);
        for (Bucket bucket : buckets) {
          while (bucket.tryCharge(piece)) {
            taken += piece;
          }
        }
      }
      replicas.forEach(r -> r.exchanges().tick());
    }
    return taken;
  }

  private List<Bucket> buckets(int count, double perSecond, long burst) {
    List<Replica> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(replica());
    }
    tick();
    clock.addAndGet(SECOND); // so that everybody hears of everybody
    tick();
    return all.stream().map(r -> r.bytes("a", perSecond, burst)).toList();
  }

  @ParameterizedTest
  @CsvSource({"1,10", "2,10", "2,700", "5,10", "20,10"})
  void replicasHoldOneLimitTogether(int count, long piece) {
    List<Bucket> buckets = buckets(count, 1_000, 1_000);

    long first = flood(count, piece, buckets);
    long then = flood(20, piece, buckets);

    assertThat(first).isGreaterThan(900);
    assertThat(then).isCloseTo(20_000, TENTH);
    assertThat(account.keys()).isEqualTo(1);
  }

  @Test
  void whatOneSpendsIsMissingWithTheOther() {
    List<Bucket> buckets = buckets(2, 1, 1_000);
    buckets.get(0).tryCharge(900);
    buckets.get(1).available();

    tick();
    tick();

    assertThat(buckets.get(1).available()).isCloseTo(100, within(2L));
    assertThat(buckets.get(1).tryCharge(500)).isFalse();
  }

  @Test
  void debtsAndWhatIsPutBackAreShared() {
    List<Bucket> buckets = buckets(2, 1, 1_000);
    buckets.get(0).charge(3_000);
    buckets.get(1).available();
    tick();
    tick();
    assertThat(buckets.get(1).available()).isCloseTo(-2_000, within(2L));

    buckets.get(0).refund(2_500);
    buckets.get(1).available();
    tick();
    buckets.get(1).available();
    tick();

    assertThat(buckets.get(1).available()).isCloseTo(500, within(2L));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anOutageCostsNoMoreThanTheFairSharesAndIsForgottenAfterwards(boolean forgets) {
    List<Bucket> buckets = buckets(2, 1_000, 1_000);
    flood(10, 10, buckets);

    account.become(SharedBudgetStoreStandIn.State.REFUSES);
    long meanwhile = flood(30, 10, buckets);
    if (forgets) {
      account.forget();
    }
    account.become(SharedBudgetStoreStandIn.State.ANSWERS);
    flood(5, 10, buckets);
    long then = flood(20, 10, buckets);

    assertThat(meanwhile).isCloseTo(30_000, TENTH);
    assertThat(then).isCloseTo(20_000, TENTH);
  }

  @Test
  void anAccountThatHangsIsNotWaitedForAndNothingIsCountedTwice() {
    List<Bucket> buckets = buckets(2, 1_000, 1_000);
    flood(10, 10, buckets);

    account.become(SharedBudgetStoreStandIn.State.HANGS);
    long meanwhile = flood(4, 10, buckets);
    account.become(SharedBudgetStoreStandIn.State.ANSWERS);
    replicas.forEach(r -> r.ledger().goOn());
    long then = flood(10, 10, buckets);

    assertThat(meanwhile).isBetween(3_600L, 5_000L);
    assertThat(meanwhile + then).isCloseTo(14_000, TENTH);
    assertThat(replicas.get(0).isUp()).isTrue();
    assertThat(replicas.get(0).ledger().wasDropped()).isFalse();
  }

  @Test
  void aConnectionThatIsSilentForTooLongIsGivenUp() {
    Replica replica = replica();
    replica.bytes("a", 1, 1).tryCharge(1);
    account.become(SharedBudgetStoreStandIn.State.HANGS);

    for (int i = 0; i < 4; i++) {
      tick();
    }
    assertThat(replica.isUp()).isFalse();
    assertThat(replica.ledger().wasDropped()).isFalse();
    for (int i = 0; i < 50; i++) {
      tick();
    }
    assertThat(replica.ledger().wasDropped()).isTrue();
  }

  @Test
  void shortFailuresForgetNothing() {
    List<Bucket> buckets = buckets(2, 1_000, 1_000);
    long taken = 0;
    for (int i = 0; i < 40; i++) {
      account.become(SharedBudgetStoreStandIn.State.REFUSES);
      taken += flood(0.2, 10, buckets);
      account.become(SharedBudgetStoreStandIn.State.ANSWERS);
      taken += flood(0.5, 10, buckets);
    }
    assertThat(taken - 1_000).isCloseTo(28_000, Percentage.withPercentage(15));
  }

  /** Each exchange takes so many ticks; from two on the store counts as down in between. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 10})
  void aStoreThatAnswersLateCostsNobodyAPartOfTheLimit(int ticks) {
    List<Bucket> buckets = buckets(2, 1_000, 1_000);
    flood(5, 10, buckets);
    account.become(SharedBudgetStoreStandIn.State.HANGS);

    long taken = 0;
    for (int i = 0; i < 200 / ticks; i++) {
      taken += flood(ticks / 10.0, 10, buckets);
      replicas.forEach(r -> r.ledger().goOn());
    }

    assertThat(taken).isCloseTo(20_000, TENTH);
  }

  @Test
  void aloneAShareThatIsLessThanOneRequestLetsOneInWhenItIsFull() {
    List<Replica> three = List.of(replica(), replica(), replica());
    clock.addAndGet(SECOND);
    tick();
    Bucket spans = three.get(0).exchanges().bucket("a", LimitKind.SPANS, new Rate(2, 2));
    Bucket bytes = three.get(0).bytes("a", 300, 300);
    account.become(SharedBudgetStoreStandIn.State.REFUSES);
    spans.available();
    tick();

    assertThat(spans.available()).isEqualTo(1);
    assertThat(spans.isFull()).isTrue();
    assertThat(spans.tryCharge(1)).isTrue();
    assertThat(spans.available()).isNegative();
    assertThat(spans.nanosUntil(2)).isCloseTo(1_500_000_000L, within(10_000_000L));
    assertThat(bytes.tryCharge(301)).isFalse();
    assertThat(bytes.tryCharge(300)).isTrue();
    assertThat(bytes.tryCharge(1)).isFalse();
    assertThat(bytes.nanosUntil(1)).isCloseTo(2_010_000_000L, within(10_000_000L));
  }

  @Test
  void withoutAnAccountFromTheStartItIsALocalBucket() {
    account.become(SharedBudgetStoreStandIn.State.REFUSES);
    Replica replica = replica();
    Bucket bucket = replica.bytes("a", 100, 150);

    assertThat(bucket.tryCharge(150)).isTrue();
    assertThat(bucket.tryCharge(1)).isFalse();
    assertThat(replica.isUp()).isFalse();
    account.become(SharedBudgetStoreStandIn.State.ANSWERS);
    tick();
    tick();
    tick();
    assertThat(replica.isUp()).isTrue();
    assertThat(bucket.available()).isCloseTo(30, within(2L));
  }

  @Test
  void anotherRateActsEverywhereAndForgetsNothing() {
    List<Bucket> buckets = buckets(2, 100, 100);
    buckets.get(0).tryCharge(75);
    tick();

    buckets.forEach(b -> b.reconfigure(new Rate(1_000, 1_000)));
    assertThat(buckets.get(0).available()).isBetween(250L, 400L);
    buckets.get(1).available();
    tick();
    tick();
    assertThat(buckets.get(1).available()).isBetween(350L, 600L);
    buckets.forEach(b -> b.reconfigure(new Rate(0, 0)));
    assertThat(buckets.get(0).tryCharge(1)).isFalse();
    assertThat(buckets.get(0).available()).isZero();
    assertThat(buckets.get(0).nanosUntil(1)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void moreBudgetsThanOneExchangeHoldsAreAllExchanged() {
    Replica replica = replica();
    int count = 3 * SharedBudgetSync.MOST_AT_ONCE + 1;
    for (int i = 0; i < count; i++) {
      replica.bytes("tenant-" + i, 1, 100).tryCharge(50);
    }

    tick();

    assertThat(account.keys()).isEqualTo(count);
  }

  @Test
  void attemptsToReachAnAccountThatIsGoneGetRarer() {
    account.become(SharedBudgetStoreStandIn.State.REFUSES);
    Replica replica = replica();
    for (int i = 0; i < 600; i++) {
      tick();
    }
    String page = new String(replica.telemetry().scrape(), java.nio.charset.StandardCharsets.UTF_8);
    String failed =
        page.lines()
            .filter(l -> l.startsWith("scopegate_limit_store_exchange_duration_seconds_count"))
            .filter(l -> l.contains("failed"))
            .findFirst()
            .orElseThrow();
    assertThat(Double.parseDouble(failed.substring(failed.indexOf(' ')))).isBetween(25.0, 45.0);
  }

  @Test
  void nothingIsReportedTwiceToAStoreThatMayNotBeThere() {
    Replica replica = replica();
    Bucket bucket = replica.bytes("a", 1, 1_000);
    bucket.tryCharge(600);
    account.become(SharedBudgetStoreStandIn.State.REFUSES);
    tick(); // this report fails

    account.become(SharedBudgetStoreStandIn.State.ANSWERS);
    for (int i = 0; i < 5; i++) {
      tick();
    }

    assertThat(bucket.available()).isCloseTo(400, within(2L));
  }

  @Test
  void whatWasSpentWhileAReportWasUnderWayIsReportedNext() {
    Replica replica = replica();
    Bucket bucket = replica.bytes("a", 1, 1_000);
    bucket.tryCharge(100);
    account.become(SharedBudgetStoreStandIn.State.HANGS);
    tick();
    bucket.charge(200);
    account.become(SharedBudgetStoreStandIn.State.ANSWERS);
    replica.ledger().goOn();
    assertThat(bucket.available()).isCloseTo(700, within(2L));

    tick();

    assertThat(bucket.available()).isCloseTo(700, within(2L));
    Bucket other = replica().bytes("a", 1, 1_000);
    other.available();
    tick();
    assertThat(other.available()).isCloseTo(700, within(2L));
  }

  @Test
  void amountsOfNothingChangeNothing() {
    Replica replica = replica();
    Bucket bucket = replica.bytes("a", 1, 10);

    assertThat(bucket.tryCharge(0)).isTrue();
    bucket.charge(0);
    bucket.refund(0);
    bucket.charge(-5);
    bucket.refund(-5);

    assertThat(bucket.available()).isEqualTo(10);
    assertThat(bucket.isFull()).isTrue();
    assertThat(bucket.tryCharge(1)).isTrue();
    assertThat(bucket.isFull()).isFalse();
    Bucket zero = replica.bytes("b", 0, 0);
    assertThat(zero.tryCharge(0)).isTrue();
    assertThat(zero.tryCharge(1)).isFalse();
  }

  @Test
  void requestsAreCountedByThousandths() {
    Replica replica = replica();
    Bucket bucket = replica.exchanges().bucket("a", LimitKind.QUERIES, new Rate(0.5, 2));

    assertThat(bucket.available()).isEqualTo(2);
    assertThat(bucket.tryCharge(2)).isTrue();
    assertThat(bucket.nanosUntil(1)).isEqualTo(2 * SECOND);
    assertThat(bucket.nanosUntil(3)).as("more than it holds").isEqualTo(Long.MAX_VALUE);
    bucket.available();
    tick();
    assertThat(bucket.nanosUntil(1)).as("fills from the first report").isEqualTo(2 * SECOND);
    bucket.refund(1);
    assertThat(bucket.tryCharge(1)).isTrue();
  }

  @Test
  void aReplicaWithNothingToReportShowsItselfEverySecond() {
    Replica replica = replica();
    int asked = replica.ledger().exchanges();

    for (int i = 0; i < 9; i++) {
      tick();
    }
    assertThat(replica.ledger().exchanges()).isEqualTo(asked);
    tick();
    assertThat(replica.ledger().exchanges()).isEqualTo(asked + 1);
  }

  @Test
  void aStoreIsTriedAfterPausesThatDoubleUpToTwoSeconds() {
    account.become(SharedBudgetStoreStandIn.State.REFUSES);
    Replica replica = replica();
    List<Long> attempts = new ArrayList<>();
    long begun = clock.get();
    int before = replica.ledger().exchanges();
    for (int i = 0; i < 100; i++) {
      tick();
      if (replica.ledger().exchanges() != before) {
        before = replica.ledger().exchanges();
        attempts.add((clock.get() - begun) / SharedBudgetSync.TICK_NANOS);
      }
    }

    assertThat(attempts).containsExactly(1L, 3L, 7L, 15L, 31L, 51L, 71L, 91L);
  }

  @Test
  void anAnswerOfAnotherLengthIsAFailure() {
    Replica replica = replica();
    replica.bytes("a", 1, 10).tryCharge(1);
    account.become(SharedBudgetStoreStandIn.State.HANGS);
    tick();

    replica.ledger().answerWith(new SharedBudgetStore.Answer(1, List.of()));

    assertThat(replica.isUp()).isFalse();
    assertThat(replica.exchanges().sharers()).isEqualTo(1);
  }

  @Test
  void howManyReplicasTheStoreClaimsIsBounded() {
    Replica replica = replica();
    Bucket bucket = replica.bytes("a", 1, 1_000_000);
    bucket.tryCharge(1);
    account.become(SharedBudgetStoreStandIn.State.HANGS);
    tick();
    replica.ledger().answerWith(new SharedBudgetStore.Answer(0, List.of(5L)));
    assertThat(bucket.available()).isEqualTo(5);
    tick();
    clock.addAndGet(SharedBudgetSync.SLOW_NANOS - 1);
    replica.exchanges().tick();
    assertThat(replica.exchanges().sharers()).isZero();
    clock.addAndGet(1);
    replica.exchanges().tick();

    assertThat(replica.exchanges().sharers()).isEqualTo(1);
  }
}
