package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.HandClock;
import io.scopegate.authz.Lease;
import io.scopegate.authz.decision.AnswerCache.Kept;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class AnswerCacheTest {
  private static final long HOUR = Duration.ofHours(1).toMillis();
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final BiFunction<Answer, Long, Answer> RESTAMP =
      (answer, until) -> new Answer(answer.text + "@" + until, answer.lease);

  private record Answer(String text, Lease lease) {
    private Answer(String text) {
      this(text, new Lease());
    }
  }

  private final HandClock clock = new HandClock();
  private final List<String> changed = new ArrayList<>();
  private final AnswerCache<String, Answer> cache =
      new AnswerCache<>(8, HOUR, clock, Answer::lease, changed::add);

  private long in(long millis) {
    return clock.millis() + millis;
  }

  private Answer yes(String key) {
    Answer answer = new Answer("yes");
    cache.keepYes(key, new Kept<>(answer, in(MINUTE), in(2 * MINUTE), false));
    return answer;
  }

  private Answer no(String key) {
    Answer answer = new Answer("no");
    cache.keepNo(key, answer, in(MINUTE));
    return answer;
  }

  private void turn(long millis) {
    clock.turn(Duration.ofMillis(millis));
  }

  @Test
  void anAnswerServesUntilItsTimeIsOverAndNotAMillisecondLonger() {
    Answer answer = yes("a");
    Answer denied = no("b");
    turn(MINUTE - 1);
    assertThat(cache.fresh("a").answer()).isSameAs(answer);
    assertThat(cache.fresh("b").answer()).isSameAs(denied);
    turn(1);
    assertThat(cache.fresh("a")).isNull();
    assertThat(cache.fresh("b")).isNull();
    assertThat(cache.fresh("c")).isNull();
  }

  @Test
  void aClockThatIsSetBackMakesNoAnswerLast() {
    yes("a");
    turn(-HOUR);
    assertThat(cache.fresh("a")).isNull();
    assertThat(cache.mayServeStale("a")).isFalse();
  }

  @Test
  void anAnswerMayBeOfTenSecondsLaterThanTheLongestTime() {
    cache.keepYes("a", new Kept<>(new Answer("yes"), in(HOUR), in(HOUR), false));
    turn(-10_000);
    assertThat(cache.fresh("a")).isNotNull();
    turn(-1);
    assertThat(cache.fresh("a")).isNull();
  }

  @Test
  void aYesServesStaleInStepsOfASecondAndANoNever() {
    yes("a");
    no("b");
    turn(MINUTE);
    assertThat(cache.mayServeStale("a")).isTrue();
    assertThat(cache.mayServeStale("b")).isFalse();
    assertThat(cache.mayServeStale("c")).isFalse();
    assertThat(cache.serveStale("a", RESTAMP).text).isEqualTo("yes@" + in(1_000));
    assertThat(cache.fresh("a").stale()).isTrue();
    assertThat(cache.serveStale("b", RESTAMP)).isNull();
    turn(MINUTE - 500);
    assertThat(cache.serveStale("a", RESTAMP).text).endsWith("@" + in(500));
    turn(500);
    assertThat(cache.serveStale("a", RESTAMP)).isNull();
    assertThat(cache.mayServeStale("a")).isFalse();
  }

  @Test
  void itServesStaleAgainWithoutAskingForTenSecondsAfterTheLastStep() {
    yes("a");
    assertThat(cache.serveStaleAgain("a", RESTAMP)).isNull(); // nobody has tried to ask
    turn(MINUTE);
    cache.serveStale("a", RESTAMP);
    turn(1_000 + 9_999);
    assertThat(cache.serveStaleAgain("a", RESTAMP)).isNotNull();
    turn(1_000 + 10_000);
    assertThat(cache.serveStaleAgain("a", RESTAMP)).isNull();
    assertThat(cache.serveStaleAgain("b", RESTAMP)).isNull();
  }

  @Test
  void whatIsForgottenLosesItsLeaseAndIsTold() {
    Answer one = yes("a");
    Answer other = no("b");
    assertThat(changed).containsExactly("a", "b");
    assertThat(cache.keeps("a")).isTrue();
    assertThat(cache.keeps("b")).isTrue();
    assertThat(cache.keepsYes("b")).isFalse();
    cache.forget("a");
    cache.forget("b");
    assertThat(one.lease.ended()).isTrue();
    assertThat(other.lease.ended()).isTrue();
    assertThat(changed).containsExactly("a", "b", "a", "b");
    assertThat(cache.keeps("a")).isFalse();
    assertThat(cache.keeps("b")).isFalse();
  }

  @Test
  void clearingForgetsEveryAnswer() {
    List<Answer> all = List.of(yes("a"), yes("b"), no("c"));
    assertThat(cache.size()).isEqualTo(3);
    cache.clear();
    assertThat(cache.size()).isZero();
    assertThat(all).allMatch(answer -> answer.lease.ended());
  }

  @Test
  void anAnswerThatIsReplacedLosesItsLeaseUnlessItIsTheSame() {
    Answer first = yes("a");
    Answer again = new Answer("renewed", first.lease);
    cache.keepYes("a", new Kept<>(again, in(MINUTE), in(MINUTE), false));
    assertThat(first.lease.ended()).isFalse();
    yes("a");
    assertThat(first.lease.ended()).isTrue();
    assertThat(changed).containsExactly("a"); // it never went away
  }

  @Test
  void aNoTakesThePlaceOfAYesAndAYesThatOfANo() {
    Answer yes = yes("a");
    Answer no = no("a");
    assertThat(yes.lease.ended()).isTrue();
    assertThat(cache.wasYes("a")).isFalse();
    assertThat(cache.size()).isEqualTo(1);
    yes("a");
    assertThat(no.lease.ended()).isTrue();
    assertThat(cache.wasYes("a")).isTrue();
    assertThat(cache.size()).isEqualTo(1);
  }

  @Test
  void aYesWhoseTimeIsOverIsNotKeptAndNeitherIsTheOneBefore() {
    Answer before = yes("a");
    Answer late = new Answer("late");
    cache.keepYes("a", new Kept<>(late, in(0), in(0), false));
    assertThat(before.lease.ended()).isTrue();
    assertThat(cache.keeps("a")).isFalse();
    cache.keepYes("a", new Kept<>(late, in(0), in(1), false));
    assertThat(cache.keepsYes("a")).isTrue();
  }

  @Test
  void onlyANoIsEndedAsOne() {
    yes("a");
    no("b");
    assertThat(cache.endNo("a")).isFalse();
    assertThat(cache.endNo("b")).isTrue();
    assertThat(cache.endNo("b")).isFalse();
    assertThat(cache.fresh("a")).isNotNull();
    assertThat(cache.fresh("b")).isNull();
  }

  @Test
  void aYesThatIsEndedServesNoMoreThoughItStaysKnown() {
    Answer answer = yes("a");
    assertThat(cache.endYes("b")).isFalse();
    assertThat(cache.endYes("a")).isTrue();
    assertThat(answer.lease.ended()).isTrue();
    assertThat(cache.fresh("a")).isNull();
    assertThat(cache.mayServeStale("a")).isFalse();
    assertThat(cache.wasYes("a")).isTrue();
    assertThat(cache.endYes("a")).isFalse(); // it did not serve any more
  }

  @Test
  void shorteningLeavesWhatEndsSoonerAndKeepsTheStaleTime() {
    yes("a");
    cache.keepYes("b", new Kept<>(new Answer("soon"), in(1_000), in(2_000), false));
    no("c");
    long until = in(5_000);
    cache.shorten(() -> until, RESTAMP);
    assertThat(cache.fresh("a").answer().text).isEqualTo("yes@" + until);
    assertThat(cache.fresh("a").staleUntil()).isEqualTo(in(2 * MINUTE));
    assertThat(cache.fresh("b").answer().text).isEqualTo("soon");
    assertThat(cache.fresh("c").answer().text).isEqualTo("no");
    turn(5_000);
    assertThat(cache.fresh("a")).isNull();
    assertThat(cache.mayServeStale("a")).isTrue();
  }

  @Test
  void noesPushNoYesOutAndAreAQuarterAsMany() {
    for (int i = 0; i < 8; i++) {
      yes("yes" + i);
    }
    for (int i = 0; i < 100; i++) {
      no("no" + i);
    }
    assertThat(cache.size()).isEqualTo(8 + 2);
    for (int i = 0; i < 8; i++) {
      assertThat(cache.keepsYes("yes" + i)).isTrue();
    }
  }
}
