package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** How long the first server gets. */
class HedgeDelayTest {
  private static final long MILLI = 1_000_000;
  private static final Percentage A_QUARTER = Percentage.withPercentage(26);

  private static HedgeDelay delay(int percentile) {
    return new HedgeDelay(new HedgingConfig(Duration.ofMillis(10), percentile));
  }

  /** So many reads of which one in ten is slow. */
  private static void reads(HedgeDelay delay, int count, long fast, long slow) {
    for (int i = 0; i < count; i++) {
      delay.took((i % 10 == 0 ? slow : fast) * MILLI);
    }
  }

  @Test
  void isTheLeastUntilEnoughIsKnown() {
    HedgeDelay delay = delay(95);
    reads(delay, 90, 100, 1_000);
    assertThat(delay.nanos()).isEqualTo(10 * MILLI);
  }

  @Test
  void isThePercentile() {
    HedgeDelay high = delay(95);
    HedgeDelay low = delay(80);
    reads(high, 500, 100, 1_000);
    reads(low, 500, 100, 1_000);
    assertThat(high.nanos()).isCloseTo(1_000 * MILLI, A_QUARTER);
    assertThat(low.nanos()).isCloseTo(100 * MILLI, A_QUARTER);
  }

  @Test
  void isNeverLessThanTheLeast() {
    HedgeDelay delay = delay(50);
    reads(delay, 500, 1, 1);
    assertThat(delay.nanos()).isEqualTo(10 * MILLI);
  }

  @Test
  void followsTheTimesAsTheyChange() {
    HedgeDelay delay = delay(80);
    reads(delay, 10_000, 100, 100);
    reads(delay, 10_000, 20, 20);
    assertThat(delay.nanos()).isCloseTo(20 * MILLI, A_QUARTER);
  }

  @Test
  void withoutAPercentileIsTheSameAlways() {
    HedgeDelay delay = delay(0);
    reads(delay, 5_000, 5_000, 600_000);
    assertThat(delay.nanos()).isEqualTo(10 * MILLI);
  }
}
