package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Budgets by a clock that only moves when it is told to. */
class LocalBucketsTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong clock = new AtomicLong();
  private final LocalBuckets store = new LocalBuckets(clock::get);

  private Bucket bucket(LimitKind kind, double perSecond, long burst) {
    return store.bucket("a", kind, new Rate(perSecond, burst));
  }

  @Test
  void takesWhatIsThereAndNothingElse() {
    Bucket bucket = bucket(LimitKind.INGEST_BYTES, 100, 150);

    assertThat(bucket.tryCharge(150)).isTrue();
    assertThat(bucket.tryCharge(1)).isFalse();
    assertThat(bucket.nanosUntil(50)).isEqualTo(SECOND / 2);
    clock.addAndGet(SECOND);
    assertThat(bucket.tryCharge(100)).isTrue();
    bucket.refund(100);
    assertThat(bucket.available()).isEqualTo(100);
    assertThat(bucket.isFull()).isFalse();
  }

  @Test
  void whatIsOwedFillsUpFirst() {
    Bucket bucket = bucket(LimitKind.INGEST_BYTES, 100, 100);

    bucket.charge(400);

    assertThat(bucket.available()).isEqualTo(-300);
    assertThat(bucket.nanosUntil(1)).isEqualTo(3_010_000_000L);
    clock.addAndGet(3 * SECOND);
    assertThat(bucket.available()).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.001, 0.3, 1, 2.5, 999, 1_000_000})
  void keepsToItsRateInTheLongRun(double perSecond) {
    Bucket bucket = bucket(LimitKind.QUERIES, perSecond, (long) Math.ceil(perSecond));
    long taken = 0;

    long step = (long) (SECOND / perSecond / 4) + 1;
    for (int i = 0; i < 40_000; i++) {
      clock.addAndGet(step);
      taken += bucket.tryCharge(1) ? 1 : 0;
    }

    assertThat(taken - Math.ceil(perSecond)).isLessThanOrEqualTo(10_001);
    assertThat(taken).isGreaterThanOrEqualTo(9_990);
  }

  @Test
  void anotherRateForgetsNothing() {
    Bucket bucket = bucket(LimitKind.INGEST_BYTES, 100, 100);
    bucket.tryCharge(75);

    bucket.reconfigure(new Rate(1_000, 1_000));
    assertThat(bucket.available()).isEqualTo(250);
    bucket.charge(750);
    assertThat(bucket.available()).isEqualTo(-500);
    bucket.reconfigure(new Rate(10, 10));
    assertThat(bucket.available()).isEqualTo(-5);
    clock.addAndGet(2 * SECOND);
    assertThat(bucket.isFull()).isTrue();
    bucket.reconfigure(new Rate(50, 50));
    assertThat(bucket.isFull()).isTrue();
  }

  @Test
  void nothingIsEverLeftOfARateOfZero() {
    Bucket bucket = bucket(LimitKind.QUERIES, 0, 0);

    clock.addAndGet(1_000_000 * SECOND);

    assertThat(bucket.tryCharge(1)).isFalse();
    assertThat(bucket.available()).isZero();
    assertThat(bucket.nanosUntil(1)).isEqualTo(Long.MAX_VALUE);
    bucket.reconfigure(new Rate(1, 1));
    clock.addAndGet(SECOND);
    assertThat(bucket.tryCharge(1)).isTrue();
  }

  @Test
  void moreThanABucketCanCountIsNoLimit() {
    assertThat(Rate.of(LimitKind.SPANS, 2e6)).isNull();
    assertThat(Rate.of(LimitKind.SPANS, 1e6)).isNotNull();
    assertThat(Rate.of(LimitKind.SPANS, (Double) null)).isNull();
  }

  @Test
  void nothingIsAlwaysThere() {
    Bucket bucket = bucket(LimitKind.INGEST_BYTES, 0, 0);

    assertThat(bucket.tryCharge(0)).isTrue();
    assertThat(bucket.tryCharge(1)).isFalse();
  }

  /** Rates from 1,000 units a second on fill up by the second, lower ones by many of them. */
  @ParameterizedTest
  @ValueSource(doubles = {0.000_001, 0.001, 0.999, 1, 1.5, 999, 1_000})
  void fillsUpAtItsRate(double perSecond) {
    Bucket bucket = bucket(LimitKind.SPANS, perSecond, 10_000);
    bucket.charge(10_000);

    assertThat((double) bucket.nanosUntil(100))
        .isCloseTo(100 / perSecond * SECOND, Percentage.withPercentage(0.01));
  }

  @Test
  void anotherRateOfRequestsCountsInTheSameUnits() {
    Bucket bucket = bucket(LimitKind.QUERIES, 10, 10);

    bucket.reconfigure(new Rate(20, 20));

    assertThat(bucket.available()).isEqualTo(20);
    bucket.charge(20);
    assertThat(bucket.nanosUntil(1)).isEqualTo(SECOND / 20);
  }
}
