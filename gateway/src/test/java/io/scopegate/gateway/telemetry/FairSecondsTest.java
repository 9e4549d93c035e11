package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a number a second is shared. */
final class FairSecondsTest {
  private static final int PER_SECOND = 100;

  private final FairSeconds fair = new FairSeconds(PER_SECOND);

  private int taken(String owner, int wanted, int second) {
    int taken = 0;
    for (int i = 0; i < wanted; i++) {
      taken += fair.takes(owner, TimeUnit.SECONDS.toNanos(second)) ? 1 : 0;
    }
    return taken;
  }

  @Test
  void whoIsAloneHasAll() {
    for (int second = 0; second < 3; second++) {
      assertThat(taken("acme", 1_000, second)).isEqualTo(PER_SECOND);
    }
  }

  @Test
  void zeroIsNone() {
    assertThat(new FairSeconds(0).takes("acme", 0)).isFalse();
  }

  @Test
  void aFloodTakesNothingFromWhoHadHisPartBefore() {
    assertThat(taken("quiet", 20, 0)).isEqualTo(20);
    assertThat(taken("flood", 100_000, 1)).isEqualTo(80);
    assertThat(taken("quiet", 20, 1)).isEqualTo(20);
  }

  @Test
  void aFloodLeavesNewcomersTheirPartFromTheNextSecondOn() {
    assertThat(taken("flood", 100_000, 0)).isEqualTo(100);
    assertThat(taken("quiet", 20, 0)).isZero();
    assertThat(taken("flood", 100_000, 1)).isEqualTo(80);
    assertThat(taken("quiet", 20, 1)).isEqualTo(20);
  }

  @Test
  void whoComesWhenAllIsSpentHasAPartFromTheNextSecondOn() {
    for (int second = 0; second < 5; second++) {
      assertThat(asTracingDoes("flood", 1_000, second)).isEqualTo(second == 0 ? 100 : 80);
      assertThat(asTracingDoes("late", 20, second)).isEqualTo(second == 0 ? 0 : 20);
    }
  }

  private int asTracingDoes(String owner, int wanted, int second) {
    int taken = 0;
    for (int i = 0; i < wanted; i++) {
      long now = TimeUnit.SECONDS.toNanos(second);
      if (fair.isSpent(now)) {
        fair.misses(owner, now);
      } else {
        taken += fair.takes(owner, now) ? 1 : 0;
      }
    }
    return taken;
  }

  @Test
  void whoWantTooMuchHaveTheSame() {
    for (String owner : new String[] {"a", "b", "c"}) {
      taken(owner, 1_000, 0);
    }
    for (String owner : new String[] {"a", "b", "c"}) {
      assertThat(taken(owner, 1_000, 1)).isEqualTo(33);
    }
  }

  @Test
  void aPauseMakesNobodyANewcomer() {
    taken("flood", 1_000, 0);
    taken("quiet", 50, 1);
    assertThat(taken("flood", 1_000, 2)).isEqualTo(50);
    assertThat(taken("quiet", 50, 2)).isEqualTo(50);
  }

  @Test
  void namesThatAreMadeUpShareOnePart() {
    for (int i = 0; i < FairSeconds.MOST_OWNERS; i++) {
      taken("known-" + i, 1, 0);
    }
    int made = 0;
    for (int i = 0; i < 10_000; i++) {
      made += taken("made-up-" + i, 1, 1);
    }
    assertThat(made).isLessThanOrEqualTo(1);
  }
}
