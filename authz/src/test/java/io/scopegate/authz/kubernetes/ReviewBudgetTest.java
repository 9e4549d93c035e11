package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.HandClock;
import io.scopegate.authz.ReviewsConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReviewBudgetTest {
  private final HandClock clock = new HandClock();
  private final List<String> started = new ArrayList<>();

  private ReviewBudget budget(int perSecond, int burst, int concurrent, int queue) {
    return new ReviewBudget(
        new ReviewsConfig(perSecond, burst, concurrent, queue, 32, 20, Duration.ofSeconds(5)),
        clock);
  }

  private boolean offer(ReviewBudget budget, ReviewPriority lane, String name) {
    return budget.offer(lane, () -> started.add(name), clock.millis() + 5000);
  }

  @Test
  void startsAtOnceWhileThereArePermitsAndPlaces() {
    ReviewBudget budget = budget(10, 3, 8, 8);
    for (String name : List.of("a", "b", "c", "d")) {
      assertThat(offer(budget, ReviewPriority.KNOWN, name)).isTrue();
    }
    assertThat(budget.turn()).isEqualTo(100);
    assertThat(started).containsExactly("a", "b", "c");

    clock.turn(Duration.ofMillis(100));
    assertThat(budget.turn()).isEqualTo(-1);
    assertThat(started).containsExactly("a", "b", "c", "d");
  }

  @Test
  void holdsNoMoreInFlightThanAllowed() {
    ReviewBudget budget = budget(1000, 1000, 2, 8);
    for (String name : List.of("a", "b", "c")) {
      offer(budget, ReviewPriority.KNOWN, name);
    }
    assertThat(budget.turn()).isEqualTo(-1);
    assertThat(started).containsExactly("a", "b");
    budget.release(ReviewPriority.KNOWN);
    budget.turn();
    assertThat(started).containsExactly("a", "b", "c");
  }

  @Test
  void refusesWhatTheQueueCannotHold() {
    ReviewBudget budget = budget(1, 1, 1, 4);
    offer(budget, ReviewPriority.KNOWN, "running");
    budget.turn();
    assertThat(offer(budget, ReviewPriority.KNOWN, "first")).isTrue();
    assertThat(offer(budget, ReviewPriority.KNOWN, "second")).isTrue();
    assertThat(offer(budget, ReviewPriority.KNOWN, "third")).isFalse();
    // The other lane's half is its own.
    assertThat(offer(budget, ReviewPriority.UNKNOWN, "other")).isTrue();
    assertThat(budget.waiting()).isEqualTo(3);
  }

  @Test
  void withoutAQueueOnlyWhatStartsAtOnceIsTaken() {
    ReviewBudget budget = budget(1, 1, 1, 0);
    assertThat(offer(budget, ReviewPriority.KNOWN, "a")).isTrue();
    budget.turn();
    assertThat(offer(budget, ReviewPriority.KNOWN, "b")).isFalse();
    assertThat(started).containsExactly("a");
  }

  @Test
  void floodOfUnknownTokensLeavesAPlaceAndPermitsForKnownUsers() {
    ReviewBudget budget = budget(1, 8, 8, 200);
    for (int i = 0; i < 100; i++) {
      offer(budget, ReviewPriority.UNKNOWN, "flood");
    }
    budget.turn();
    assertThat(started).hasSize(6);
    offer(budget, ReviewPriority.KNOWN, "known");
    budget.turn();
    assertThat(started).hasSize(7).endsWith("known");
  }

  @Test
  void lanesTakeTurnsWhenBothWait() {
    ReviewBudget budget = budget(10, 1, 100, 100);
    for (int i = 0; i < 20; i++) {
      offer(budget, ReviewPriority.UNKNOWN, "unknown");
      offer(budget, ReviewPriority.KNOWN, "known");
    }
    for (int i = 0; i < 10; i++) {
      budget.turn();
      clock.turn(Duration.ofMillis(100));
    }
    assertThat(started).hasSize(10);
    assertThat(started.stream().filter("known"::equals)).hasSize(5);
  }

  @Test
  void floodOfKnownUsersDoesNotShutOutNewTokens() {
    ReviewBudget budget = budget(10, 40, 100, 400);
    for (int i = 0; i < 150; i++) {
      offer(budget, ReviewPriority.KNOWN, "known");
    }
    budget.turn();
    offer(budget, ReviewPriority.UNKNOWN, "new");
    for (int i = 0; i < 3; i++) {
      clock.turn(Duration.ofMillis(100));
      budget.turn();
    }
    assertThat(started).contains("new");
  }

  @Test
  void startsNothingWhileTheServerWantsToBeLeftAlone() {
    ReviewBudget budget = budget(10, 10, 10, 10);
    budget.pauseUntil(clock.millis() + 2000);
    assertThat(offer(budget, ReviewPriority.KNOWN, "a")).isTrue();
    assertThat(budget.turn()).isEqualTo(2000);
    assertThat(started).isEmpty();
    clock.turn(Duration.ofSeconds(2));
    budget.turn();
    assertThat(started).containsExactly("a");
  }

  @Test
  void refusesAtOnceWhatCouldNotStartBeforeItsDeadline() {
    ReviewBudget budget = budget(10, 10, 10, 10);
    budget.pauseUntil(clock.millis() + 6000);
    assertThat(offer(budget, ReviewPriority.KNOWN, "a")).isFalse();
  }

  @Test
  void withdrawnTasksDoNotStart() {
    ReviewBudget budget = budget(10, 10, 10, 10);
    Runnable task = () -> started.add("a");
    budget.offer(ReviewPriority.KNOWN, task, Long.MAX_VALUE);
    assertThat(budget.withdraw(ReviewPriority.KNOWN, task)).isTrue();
    budget.turn();
    assertThat(started).isEmpty();
    assertThat(budget.withdraw(ReviewPriority.KNOWN, task)).isFalse();
  }

  @Test
  void clockThatIsSetBackTakesNoPermits() {
    ReviewBudget budget = budget(10, 2, 10, 10);
    clock.turn(Duration.ofHours(-1));
    offer(budget, ReviewPriority.KNOWN, "a");
    offer(budget, ReviewPriority.KNOWN, "b");
    budget.turn();
    assertThat(started).containsExactly("a", "b");
  }

  private static void openCircuit(ReviewBudget budget) {
    for (int i = 0; i < 3; i++) {
      budget.failed(true);
    }
    assertThat(budget.isOpen()).isTrue();
  }

  @Test
  void whileTheCircuitIsOpenTheNewestKnownQuestionIsSentOnceASecond() {
    ReviewBudget budget = budget(1000, 1000, 8, 100);
    openCircuit(budget);
    for (String name : List.of("a", "b", "c")) {
      offer(budget, ReviewPriority.KNOWN, name);
      offer(budget, ReviewPriority.UNKNOWN, "unknown");
    }
    assertThat(budget.wantsProbe()).isFalse();
    assertThat(budget.turn()).isEqualTo(1000);
    assertThat(started).containsExactly("c");
    clock.turn(Duration.ofMillis(999));
    assertThat(budget.turn()).isEqualTo(1);
    clock.turn(Duration.ofMillis(1));
    budget.turn();
    assertThat(started).containsExactly("c", "b");
  }

  @Test
  void unknownQuestionsAreNoProbesButAskForOne() {
    ReviewBudget budget = budget(1000, 1000, 8, 100);
    openCircuit(budget);
    assertThat(budget.wantsProbe()).isFalse();
    assertThat(budget.turn()).isEqualTo(-1);
    offer(budget, ReviewPriority.UNKNOWN, "unknown");
    assertThat(budget.wantsProbe()).isTrue();
    offer(budget, ReviewPriority.KNOWN, "own");
    assertThat(budget.turn()).isEqualTo(1000);
    assertThat(started).containsExactly("own");
    assertThat(budget.wantsProbe()).isFalse();
  }

  @Test
  void afterTheCircuitHasClosedReviewsStartSlowlyAndBothLanesTakeTurns() {
    ReviewBudget budget = budget(100_000, 100_000, 64, 200);
    openCircuit(budget);
    offer(budget, ReviewPriority.KNOWN, "probe");
    for (int i = 0; i < 20; i++) {
      offer(budget, ReviewPriority.UNKNOWN, "unknown");
    }
    budget.turn();
    for (int i = 0; i < 20; i++) {
      offer(budget, ReviewPriority.KNOWN, "known");
    }
    assertThat(budget.answered()).isTrue();
    budget.release(ReviewPriority.KNOWN);
    budget.turn();
    assertThat(started).containsExactly("probe", "unknown", "known");
    budget.answered();
    budget.release(ReviewPriority.UNKNOWN);
    budget.turn();
    assertThat(started).hasSize(6);
    assertThat(started.stream().filter("known"::equals)).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void placesThatHangHoldUpAProbeButDoNotSpin() {
    ReviewBudget budget = budget(1000, 1000, 1, 100);
    offer(budget, ReviewPriority.KNOWN, "hangs");
    budget.turn();
    openCircuit(budget);
    offer(budget, ReviewPriority.KNOWN, "waits");
    assertThat(budget.turn()).isEqualTo(-1);
    budget.release(ReviewPriority.KNOWN);
    budget.turn();
    assertThat(started).containsExactly("hangs", "waits");
  }

  @Test
  void refusesWhatWouldStartTooLateForAnAnswer() {
    ReviewBudget budget = budget(10, 1, 10, 1000);
    int taken = 0;
    while (offer(budget, ReviewPriority.UNKNOWN, "t")) {
      taken++;
    }
    // One at once, and as many as start within three quarters of five seconds.
    assertThat(taken).isEqualTo(39);
  }
}
