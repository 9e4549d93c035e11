package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** What clients are told to wait. */
class DelaysTest {
  @Property
  void isNeverBelowASecondNorAboveHalfAMinute(
      @ForAll @LongRange(min = 0) long nanos, @ForAll double chance) {
    double part = Math.abs(chance % 1);
    Delays delays = new Delays(bound -> (int) (part * bound));

    assertThat(delays.millis(nanos)).isBetween(1_000L, 30_000L);
    assertThat(delays.millis(nanos) % 10).as("hundredths of a second").isZero();
  }

  @Test
  void isWhatTheBucketNeedsAndUpToAQuarterMore() {
    assertThat(new Delays(bound -> 0).millis(4_000_000_000L)).isEqualTo(4_000);
    assertThat(new Delays(bound -> 0).millis(4_001_000_000L)).as("never less").isEqualTo(4_010);
    assertThat(new Delays(bound -> bound - 1).millis(4_000_000_000L)).isEqualTo(5_000);
    assertThat(new Delays(bound -> bound - 1).millis(Long.MAX_VALUE)).isEqualTo(30_000);
  }

  @Test
  void secondsAreRoundedUp() {
    assertThat(Delays.seconds(0)).isZero();
    assertThat(Delays.seconds(1)).isEqualTo(1);
    assertThat(Delays.seconds(2_000_000_000L)).isEqualTo(2);
    assertThat(Delays.seconds(Long.MAX_VALUE)).isEqualTo(86_400);
  }
}
