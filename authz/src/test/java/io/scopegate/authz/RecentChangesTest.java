package io.scopegate.authz;

import static org.assertj.core.api.Assertions.assertThat;

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

  @Test
  void tellsWhoseRightsHaveChangedSinceAMoment() {
    long before = changes.now();
    changes.add(Set.of("jane"), Set.of());
    assertThat(changes.since(before, JANE)).isTrue();
    assertThat(changes.since(before, JOE)).isFalse();
    assertThat(changes.since(changes.now(), JANE)).isFalse();
    changes.add(Set.of(), Set.of("ops"));
    assertThat(changes.since(before, JOE)).isTrue();
  }

  @Test
  void aChangeIsRecentForThreeSeconds() {
    assertThat(changes.lagging(JANE)).isFalse();
    changes.add(Set.of(), Set.of("dev"));
    clock.turn(Duration.ofMillis(2999));
    assertThat(changes.lagging(JANE)).isTrue();
    assertThat(changes.lagging(JOE)).isFalse();
    clock.turn(Duration.ofMillis(1));
    assertThat(changes.lagging(JANE)).isFalse();
  }

  @Test
  void aClockThatIsSetBackNeitherEndsNorProlongsIt() {
    changes.add(Set.of("jane"), Set.of());
    clock.turn(Duration.ofSeconds(-1));
    assertThat(changes.lagging(JANE)).isTrue();
    clock.turn(Duration.ofHours(-1));
    assertThat(changes.lagging(JANE)).isFalse();
  }

  @Test
  void ofTooManyChangesEverybodyCountsAsChanged() {
    long before = changes.now();
    for (int i = 0; i <= 10_000; i++) {
      changes.add(Set.of("user" + i), Set.of());
    }
    assertThat(changes.since(before, JOE)).isTrue();
    assertThat(changes.lagging(JOE)).isTrue();
    assertThat(changes.since(changes.now(), JOE)).isFalse();
    clock.turn(Duration.ofSeconds(3));
    assertThat(changes.lagging(JOE)).isFalse();
  }
}
