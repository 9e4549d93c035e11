package io.scopegate.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.admin.Readiness.Condition;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private final Readiness readiness =
      new Readiness(EnumSet.of(Condition.LISTENERS, Condition.REVIEW));

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
  void whyTheLastReviewFailedIsSaidUntilOneSucceeds() {
    readiness.reached(Condition.LISTENERS);
    readiness.reviewFailed("the Kubernetes API server could not be reached");

    assertThat(readiness.reasons())
        .containsExactly(
            "no review by Kubernetes has succeeded yet:"
                + " the Kubernetes API server could not be reached");

    readiness.reached(Condition.REVIEW);
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

  @Test
  void waitsForTheFirstCheckOfUpstreams() {
    Readiness waiting = new Readiness(Set.of(Condition.UPSTREAMS));
    assertThat(waiting.reasons()).containsExactly("upstreams have not been checked yet");

    waiting.upstreams(List.of(), List.of("upstream a is away"));

    assertThat(waiting.isReady()).isTrue();
    assertThat(waiting.warnings()).containsExactly("upstream a is away");
  }

  @Test
  void whatTheChecksObjectToComesAndGoes() {
    Readiness checked = new Readiness(Set.of());
    checked.upstreams(List.of("upstream a is not multi-tenant"), List.of());
    assertThat(checked.isReady()).isFalse();
    assertThat(checked.reasons()).containsExactly("upstream a is not multi-tenant");

    checked.upstreams(List.of(), List.of());
    assertThat(checked.isReady()).isTrue();
  }
}
