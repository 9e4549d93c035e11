package io.scopegate.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.admin.Readiness.Condition;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private final Readiness readiness = new Readiness(EnumSet.allOf(Condition.class));

  @Test
  void isReadyOnceEverythingHasHappened() {
    assertThat(readiness.isReady()).isFalse();
    assertThat(readiness.reasons())
        .containsExactly("listeners are not open yet", "no review by Kubernetes has succeeded yet");

    readiness.reached(Condition.LISTENERS);
    assertThat(readiness.reasons()).containsExactly("no review by Kubernetes has succeeded yet");

    readiness.reached(Condition.REVIEW);
    assertThat(readiness.isReady()).isTrue();
    assertThat(readiness.reasons()).isEmpty();
  }

  @Test
  void drainingEndsIt() {
    readiness.drain();
    readiness.reached(Condition.LISTENERS);
    readiness.reached(Condition.REVIEW);

    assertThat(readiness.isReady()).isFalse();
    assertThat(readiness.reasons()).containsExactly("draining");
  }

  @Test
  void awaitsOnlyWhatItIsTold() {
    assertThat(new Readiness(Set.of()).isReady()).isTrue();
  }

  @Test
  void tellsEachChangeOnce() {
    List<Boolean> told = new ArrayList<>();
    readiness.onChange(() -> told.add(readiness.isReady()));

    readiness.reached(Condition.LISTENERS);
    readiness.reached(Condition.LISTENERS);
    readiness.reached(Condition.REVIEW);
    readiness.drain();
    readiness.drain();

    assertThat(told).containsExactly(false, true, false);
  }
}
