package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.forward.EndpointHealth.Reason;
import io.scopegate.gateway.forward.EndpointHealth.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EndpointHealthTest {
  private static final long SECOND = 1_000_000_000L;

  private final HealthConfig config =
      new HealthConfig(
          3,
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          50,
          Duration.ofSeconds(10));
  private final EndpointHealth health = new EndpointHealth(config, false, 0);

  private void fail(int times, long nowNanos) {
    for (int i = 0; i < times; i++) {
      health.failed(nowNanos);
    }
  }

  @Test
  void failuresInARowLeaveItOut() {
    fail(2, 0);
    health.answered(0);
    fail(2, 0);
    assertThat(health.state()).isEqualTo(State.IN);

    assertThat(health.failed(0)).isTrue();
    assertThat(health.state()).isEqualTo(State.OUT);
    assertThat(health.reason()).isEqualTo(Reason.FAILURES);
    assertThat(health.failed(0)).as("already").isFalse();
  }

  @Test
  void oneRequestShowsWhetherItIsWellAgain() {
    fail(3, 0);
    assertThat(health.isDue(SECOND - 1)).isFalse();
    assertThat(health.isDue(SECOND)).isTrue();

    health.tryAgain();
    assertThat(health.part(SECOND)).isPositive();
    health.sent(SECOND);
    assertThat(health.part(SECOND)).as("one at a time").isZero();

    health.answered(SECOND);
    assertThat(health.state()).isEqualTo(State.IN);
    assertThat(health.part(SECOND)).as("slowly").isEqualTo(0.1);
    assertThat(health.part(6 * SECOND)).isEqualTo(0.5);
    assertThat(health.part(11 * SECOND)).isEqualTo(1);
  }

  @Test
  void eachTimeItIsLeftOutForLongerUpToALimit() {
    fail(3, 0);
    long now = 0;
    for (long seconds : new long[] {1, 2, 4, 5, 5}) {
      assertThat(health.isDue(now + seconds * SECOND - 1)).isFalse();
      now += seconds * SECOND;
      assertThat(health.isDue(now)).isTrue();
      health.tryAgain();
      assertThat(health.failed(now)).as("once is enough").isTrue();
    }
  }

  @Test
  void theTimeIsShortAgainAfterItWasWellForLong() {
    fail(3, 0);
    health.tryAgain();
    health.failed(SECOND);
    health.tryAgain();
    health.answered(3 * SECOND);

    fail(3, 10 * SECOND);
    assertThat(health.isDue(11 * SECOND)).isTrue();
  }

  @Test
  void severalRequestsWithoutAnAnswerAreSilence() {
    health.sent(0);
    health.sent(0);
    assertThat(health.isSilent(10 * SECOND)).as("two slow queries").isFalse();
    health.sent(SECOND);
    assertThat(health.isSilent(SECOND - 1)).isFalse();
    assertThat(health.isSilent(SECOND)).isTrue();
    assertThat(health.reason()).isEqualTo(Reason.SILENCE);
  }

  @Test
  void anyAnswerEndsSilence() {
    for (int i = 0; i < 3; i++) {
      health.sent(0);
    }
    health.answered(SECOND / 2);
    assertThat(health.isSilent(9 * SECOND)).isFalse();
  }

  @Test
  void whatItsClientsGaveUpIsNoSilence() {
    for (int i = 0; i < 3; i++) {
      health.sent(0);
    }
    health.idle();
    assertThat(health.isSilent(9 * SECOND)).isFalse();
  }

  @Test
  void oneThatTakesNoConnectionIsBackWithTheNextConnection() {
    assertThat(health.unreachable(0)).isTrue();
    assertThat(health.unreachable(SECOND)).as("no news").isFalse();
    assertThat(health.isDue(2 * SECOND)).isFalse();
    assertThat(health.isDue(3 * SECOND)).isTrue();

    health.connected(3 * SECOND);
    assertThat(health.state()).isEqualTo(State.IN);
  }

  @Test
  void aQuestionWithoutAnAnswerLeavesASilentOneOutForLonger() {
    health.sent(0);
    assertThat(health.isNotThere(SECOND)).isTrue();
    assertThat(health.isDue(2 * SECOND)).isTrue();
    assertThat(health.isNotThere(3 * SECOND)).as("no news").isFalse();
    assertThat(health.isDue(5 * SECOND - 1)).isFalse();
    assertThat(health.isDue(5 * SECOND)).isTrue();
  }

  @Test
  void aQuestionOfBeforeDoesNotLeaveItOutForLonger() {
    for (int i = 0; i < 3; i++) {
      health.sent(0);
    }
    assertThat(health.isSilent(SECOND)).isTrue();
    assertThat(health.isNotThere(SECOND)).as("asked before it was left out").isFalse();
    assertThat(health.isDue(2 * SECOND)).isTrue();
  }

  @Test
  void whereItIsNeededItIsTriedAfterTheFirstTimeHoweverLongThatHasBecome() {
    fail(3, 0);
    long now = 0;
    for (long seconds : new long[] {1, 2, 4}) {
      now += seconds * SECOND;
      health.tryAgain();
      health.failed(now);
    }
    assertThat(health.isDue(now + 4 * SECOND)).isFalse();
    assertThat(health.isDueWhereNeeded(now + SECOND - 1)).isFalse();
    assertThat(health.isDueWhereNeeded(now + SECOND)).isTrue();

    health.tried(now + SECOND);
    assertThat(health.isDueWhereNeeded(now + 2 * SECOND - 1)).as("not without end").isFalse();
    assertThat(health.isDueWhereNeeded(now + 2 * SECOND)).isTrue();
    assertThat(health.isDue(now + 5 * SECOND)).as("that time stays what it is").isTrue();
  }

  @Test
  void aTrialBeforeItsTimeDoesNotMakeTheNextTimeLonger() {
    fail(3, 0);
    health.tried(SECOND);
    health.tryAgain();
    health.failed(SECOND); // two seconds from now on
    health.tried(2 * SECOND);
    health.tryAgain();
    health.failed(2 * SECOND);
    assertThat(health.isDue(4 * SECOND - 1)).isFalse();
    assertThat(health.isDue(4 * SECOND)).isTrue();

    health.tried(4 * SECOND);
    health.tryAgain();
    health.failed(4 * SECOND);
    assertThat(health.isDue(8 * SECOND - 1)).as("that was in time").isFalse();
  }

  @Test
  void whoIsNotLeftOutIsNotTried() {
    assertThat(health.isDueWhereNeeded(9 * SECOND)).isFalse();
  }

  @Test
  void anAttemptBeforeItsTimeDoesNotProlongThatTime() {
    health.unreachable(0);
    for (int i = 1; i < 10; i++) {
      health.unreachable(i * SECOND / 10);
    }
    assertThat(health.isDue(SECOND - 1)).isFalse();
    assertThat(health.isDue(SECOND)).isTrue();
    health.unreachable(SECOND);
    assertThat(health.isDue(3 * SECOND - 1)).isFalse();
    assertThat(health.isDue(3 * SECOND)).isTrue();
  }

  @Test
  void aConnectionDoesNotMakeFailuresGood() {
    fail(3, 0);
    health.connected(SECOND);
    assertThat(health.state()).isEqualTo(State.OUT);
  }

  @Test
  void aNewOneGetsItsShareByAndBy() {
    EndpointHealth fresh = new EndpointHealth(config, true, 0);
    assertThat(fresh.part(0)).isEqualTo(0.1);
    assertThat(fresh.part(5 * SECOND)).isEqualTo(0.5);
    assertThat(health.part(0)).as("the first ones at once").isEqualTo(1);
  }

  @Test
  void whoFailsItsCheckGetsNothingInAnyStateAndStartsSlowlyAgain() {
    assertThat(health.checked(false, 0)).isTrue();
    assertThat(health.checked(false, 0)).as("no news").isFalse();
    assertThat(health.isUsed()).isFalse();
    assertThat(health.part(0)).isZero();
    health.answered(0);
    assertThat(health.isUsed()).as("an answer changes nothing").isFalse();

    assertThat(health.checked(true, 0)).isTrue();
    assertThat(health.isWell()).isTrue();
    assertThat(health.part(0)).isLessThan(1);
  }

  @Test
  void aGoodCheckDoesNotBringBackWhoseRequestsFail() {
    fail(5, 0);
    health.checked(true, 0);
    assertThat(health.isUsed()).isFalse();
  }
}
