package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UserTurnsTest {
  private final UserTurns turns = new UserTurns(1);
  private final List<String> begun = new ArrayList<>();

  private boolean run(String user, String task) {
    return turns.run(user, () -> begun.add(task));
  }

  @Test
  void beginsInOrderAsOthersOfTheUserEnd() {
    assertThat(run("jane", "a")).isTrue();
    assertThat(run("jane", "b")).isTrue();
    assertThat(run("jane", "c")).isTrue();
    assertThat(run("joe", "d")).isTrue();
    assertThat(begun).containsExactly("a", "d");
    turns.ended("jane");
    turns.ended("jane");
    assertThat(begun).containsExactly("a", "d", "b", "c");
  }

  @Test
  void holdsNobodyWhoHasNothing() {
    run("jane", "a");
    run("jane", "b");
    run("joe", "c");
    turns.ended("joe");
    assertThat(turns.users()).isEqualTo(1);
    turns.ended("jane");
    assertThat(turns.users()).isEqualTo(1);
    turns.ended("jane");
    assertThat(turns.users()).isZero();
    run("jane", "d");
    assertThat(begun).containsExactly("a", "c", "b", "d");
  }

  @Test
  void oneUserHasNotAllOfThePlacesToWait() {
    for (int i = 0; i <= UserTurns.WAITING_OF_ONE; i++) {
      assertThat(run("jane", "a")).isTrue();
    }
    assertThat(run("jane", "a")).isFalse();
    run("joe", "b");
    assertThat(run("joe", "b")).isTrue();
  }

  @Test
  void allUsersTogetherHaveABound() {
    for (int i = 0; i < UserTurns.WAITING_OF_ALL; i++) {
      run("user" + i, "a");
      assertThat(run("user" + i, "a")).isTrue();
    }
    run("last", "a");
    assertThat(run("last", "a")).isFalse();
    turns.ended("user0");
    assertThat(run("last", "a")).isTrue();
  }

  /** As when the API server cannot be asked: each task ends as it begins. */
  @Test
  void tasksThatEndAtOnceDoNotNest() {
    UserTurns deep = new UserTurns(1000);
    for (int i = 0; i < 1000; i++) {
      deep.run("jane", () -> {});
    }
    int[] deepest = new int[1];
    for (int i = 0; i < 8000; i++) {
      deep.run(
          "jane",
          () -> {
            deepest[0] = Math.max(deepest[0], Thread.currentThread().getStackTrace().length);
            deep.ended("jane");
          });
    }
    deep.ended("jane");
    assertThat(deepest[0]).isBetween(1, 200);
    for (int i = 0; i < 999; i++) {
      deep.ended("jane");
    }
    assertThat(deep.users()).isZero();
  }
}
