package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.http.Slot;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConcurrencyBoundTest {
  private final List<String> room = new ArrayList<>();
  private final ConcurrencyBound bound =
      new ConcurrencyBound(
          new ConcurrencyConfig(10, 1, 1000, 150, Duration.ofSeconds(2)),
          1,
          () -> 0,
          () -> room.add("room"),
          null);

  private List<Slot> takeAll(Object owner) {
    List<Slot> taken = new ArrayList<>();
    while (bound.admits(owner)) {
      taken.add(bound.take(owner));
    }
    return taken;
  }

  @Test
  void oneTenantLeavesSomeToWhoComesNext() {
    assertThat(takeAll("a")).hasSize(8);
    assertThat(takeAll("b")).hasSize(2);
    assertThat(bound.admits("c")).isFalse();
  }

  @Test
  void whatEndsMakesRoom() {
    List<Slot> first = takeAll("a");
    takeAll("b");
    first.get(0).ended();
    assertThat(room).hasSize(1);
    assertThat(bound.admits("a")).as("it has seven of nine").isFalse();
    assertThat(bound.admits("b")).isTrue();
  }

  @Test
  void aTenantWhoseRequestsTakeLongDoesNotStarveAnother() {
    // Given one whose requests take a hundred times as long, and that has more of them
    ArrayDeque<Slot> slow = new ArrayDeque<>(takeAll("slow"));
    int served = 0;
    // When the other one comes, one request after the other
    for (int time = 1; time <= 1000; time++) {
      if (time % 100 == 0) {
        slow.remove().ended();
        slow.addAll(takeAll("slow"));
      }
      if (bound.admits("fast")) {
        bound.take("fast").ended();
        served++;
      }
    }
    // Then none of its requests waits
    assertThat(served).isEqualTo(1000);
  }
}
