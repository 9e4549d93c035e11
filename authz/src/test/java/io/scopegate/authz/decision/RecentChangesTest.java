package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.HandClock;
import io.scopegate.authz.RightsChange;
import io.scopegate.authz.RightsChange.Effect;
import io.scopegate.authz.User;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RecentChangesTest {
  private static final User JANE = new User("jane", "", List.of("dev"), Map.of());
  private static final User JOE = new User("joe", "", List.of("ops"), Map.of());

  private final HandClock clock = new HandClock();
  private final RecentChanges changes = new RecentChanges(clock);

  private static RightsChange of(Set<String> users, Set<String> groups) {
    return new RightsChange(Effect.TAKES, "", users, groups);
  }

  private boolean since(long moment, User user) {
    return changes.since(moment, user, "payments", Effect.TAKES);
  }

  private boolean lagging(User user) {
    return changes.lagging(user, "payments", Effect.TAKES) >= 0;
  }

  @Test
  void tellsWhoseRightsHaveChangedSinceAMoment() {
    long before = changes.now();
    changes.add(of(Set.of("jane"), Set.of()));
    assertThat(since(before, JANE)).isTrue();
    assertThat(since(before, JOE)).isFalse();
    assertThat(since(changes.now(), JANE)).isFalse();
    changes.add(of(Set.of(), Set.of("ops")));
    assertThat(since(before, JOE)).isTrue();
  }

  @Test
  void tellsWhereAndWhichAnswers() {
    changes.add(new RightsChange(Effect.GIVES, "payments", Set.of("jane"), Set.of()));
    assertThat(changes.since(0, JANE, "payments", Effect.GIVES)).isTrue();
    assertThat(changes.since(0, JANE, "payments", Effect.TAKES)).isFalse();
    assertThat(changes.since(0, JANE, "orders", Effect.GIVES)).isFalse();
    assertThat(changes.since(0, JANE, "", Effect.GIVES)).isFalse();
  }

  @Test
  void aChangeIsRecentForThreeSeconds() {
    assertThat(lagging(JANE)).isFalse();
    changes.add(of(Set.of(), Set.of("dev")));
    clock.turn(Duration.ofMillis(2999));
    assertThat(lagging(JANE)).isTrue();
    assertThat(lagging(JOE)).isFalse();
    clock.turn(Duration.ofMillis(1));
    assertThat(lagging(JANE)).isFalse();
  }

  @Test
  void aClockThatIsSetBackNeitherEndsNorProlongsIt() {
    changes.add(of(Set.of("jane"), Set.of()));
    clock.turn(Duration.ofSeconds(-1));
    assertThat(lagging(JANE)).isTrue();
    clock.turn(Duration.ofHours(-1));
    assertThat(lagging(JANE)).isFalse();
  }

  @Test
  void ofTooManyChangesEverybodyCountsAsChanged() {
    long before = changes.now();
    for (int i = 0; i <= 20_000; i++) {
      changes.add(of(Set.of("user" + i), Set.of()));
    }
    assertThat(since(before, JOE)).isTrue();
    assertThat(lagging(JOE)).isTrue();
    assertThat(since(changes.now(), JOE)).isFalse();
    clock.turn(Duration.ofSeconds(3));
    assertThat(lagging(JOE)).isFalse();
  }
}
