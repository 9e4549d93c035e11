package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.NativeHistogramBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DurationHistogramTest {
  private final DurationHistogram histogram = new DurationHistogram();

  @ParameterizedTest
  @CsvSource({
    "1, 0",
    "0.5, -8",
    "2, 8",
    "1.0905077326652577, 1",
    "1.09, 1",
    "1.0906, 2",
    "0.000008, -135",
    "0, -136",
    "1e-300, -136",
    "4096, 96",
    "1e9, 96"
  })
  void theBucketIsTheFirstThatReachesTheDuration(double seconds, int index) {
    assertThat(DurationHistogram.index(seconds)).isEqualTo(index);
  }

  @Property
  void aDurationIsWithinItsBucket(
      @ForAll @LongRange(min = 10_000, max = 4_000_000_000_000L) long nanos) {
    double seconds = nanos / 1e9;
    int index = DurationHistogram.index(seconds);
    assertThat(seconds)
        .isGreaterThan(Math.pow(2, (index - 1) / 8.0) * (1 - 1e-12))
        .isLessThanOrEqualTo(Math.pow(2, index / 8.0) * (1 + 1e-12));
  }

  @Test
  void bothKindsCountTheSame() {
    for (long nanos : new long[] {-5, 0, 1_000, 1_000_000, 1_000_001, 70_000_000_000L}) {
      histogram.add(nanos, null);
    }
    HistogramDataPointSnapshot seen = histogram.snapshot(Labels.EMPTY);
    assertThat(seen.getClassicBuckets().getCount(0)).as("up to 1 ms").isEqualTo(4);
    assertThat(seen.getClassicBuckets().getCount(1)).isEqualTo(1);
    assertThat(seen.getClassicBuckets().getCount(8)).as("over a minute").isEqualTo(1);
    assertThat(
            seen.getNativeBucketsForPositiveValues().stream()
                .mapToLong(NativeHistogramBucket::getCount)
                .sum())
        .isEqualTo(6)
        .isEqualTo(seen.getCount());
    assertThat(seen.getSum()).isEqualTo(70.002001001);
    assertThat(seen.getExemplars().size()).isZero();
  }

  @Property
  void aDurationCountsInTheFirstClassicBucketThatReachesIt(
      @ForAll @LongRange(max = 100_000_000_000L) long nanos) {
    DurationHistogram one = new DurationHistogram();
    one.add(nanos, null);
    ClassicHistogramBuckets seen = one.snapshot(Labels.EMPTY).getClassicBuckets();
    int first = 0;
    while (nanos / 1e9 > seen.getUpperBound(first)) {
      first++;
    }
    assertThat(seen.getCount(first)).isEqualTo(1);
  }

  /** Each bound lies within a native bucket, or at its end. */
  @ParameterizedTest
  @CsvSource({"1", "5", "25", "100", "500", "2500", "10000", "60000"})
  void aBoundBelongsToTheBucketBelowIt(long millis) {
    histogram.add(millis * 1_000_000 - 1, null);
    histogram.add(millis * 1_000_000, null);
    histogram.add(millis * 1_000_000 + 1, null);
    ClassicHistogramBuckets seen = histogram.snapshot(Labels.EMPTY).getClassicBuckets();
    int at = 0;
    while (seen.getUpperBound(at) * 1_000 < millis) {
      at++;
    }
    assertThat(seen.getCount(at)).isEqualTo(2);
    assertThat(seen.getCount(at + 1)).isEqualTo(1);
  }

  /** The exposition refuses a histogram whose two kinds differ, and with it the whole scrape. */
  @Test
  void bothKindsCountTheSameWhileDurationsAreAdded() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    List<Thread> adding = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      Thread thread =
          new Thread(() -> {
            for (long nanos = 1; !done.get(); nanos = nanos * 31 % 90_000_000_007L) {
              histogram.add(nanos, null);
            }
          });
      adding.add(thread);
      thread.start();
    }
    try {
      for (int i = 0; i < 3_000; i++) {
        HistogramDataPointSnapshot seen = histogram.snapshot(Labels.EMPTY);
        assertThat(seen.getCount()).isNotNegative();
      }
    } finally {
      done.set(true);
      for (Thread thread : adding) {
        thread.join();
      }
    }
  }

  @Test
  void aSpanOfABucketIsItsExemplar() {
    histogram.add(2_000_000, null);
    histogram.add(3_000_000, new TraceParent(1, 2, 4, 1));
    histogram.add(4_000_000, new TraceParent(1, 2, 5, 1)); // too soon
    HistogramDataPointSnapshot seen = histogram.snapshot(Labels.EMPTY);
    assertThat(seen.getExemplars().size()).isEqualTo(1);
    assertThat(seen.getExemplars().get(0).getValue()).isEqualTo(0.003);
    assertThat(seen.getExemplars().get(0).getLabels().toString())
        .contains("0000000000000004", "00000000000000010000000000000002");
  }
}
