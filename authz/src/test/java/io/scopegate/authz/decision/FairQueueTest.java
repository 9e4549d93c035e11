package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FairQueueTest {
  private final FairQueue<String> queue = new FairQueue<>(3);

  private List<String> drained() {
    List<String> all = new ArrayList<>();
    for (String one = queue.poll(); one != null; one = queue.poll()) {
      all.add(one);
    }
    return all;
  }

  @Test
  void sendersTakeTurns() {
    for (String task : List.of("a1", "a2", "a3", "b1", "c1", "c2")) {
      assertThat(queue.offer(task.charAt(0), task)).isTrue();
    }
    assertThat(queue.size()).isEqualTo(6);
    assertThat(drained()).containsExactly("a1", "b1", "c1", "a2", "c2", "a3");
    assertThat(queue.size()).isZero();
  }

  @Test
  void oneSenderHasNoMoreThanItsShare() {
    for (int i = 0; i < 3; i++) {
      assertThat(queue.offer("a", "a" + i)).isTrue();
    }
    assertThat(queue.offer("a", "a3")).isFalse();
    assertThat(queue.offer("b", "b0")).isTrue();
  }

  @Test
  void whoHasTheMostGivesWayWithTheNewest() {
    for (String task : List.of("b1", "a1", "a2", "c1")) {
      queue.offer(task.charAt(0), task);
    }
    assertThat(queue.shed()).isEqualTo("a2");
    assertThat(queue.size()).isEqualTo(3);
    assertThat(queue.shed()).isNotNull();
    assertThat(drained()).hasSize(2);
    assertThat(queue.shed()).isNull();
  }
}
