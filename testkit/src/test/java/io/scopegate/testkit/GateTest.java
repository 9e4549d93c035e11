package io.scopegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

class GateTest {
  @Test
  void letsEverybodyPassWhenOpen() {
    assertThat(Gate.opened().pass().succeeded()).isTrue();
  }

  @Test
  void letsThoseWhoWaitPassInOrder() {
    Gate gate = Gate.closed();
    Future<Void> first = gate.pass();
    Future<Void> second = gate.pass();

    gate.release(1);

    assertThat(first.succeeded()).isTrue();
    assertThat(second.isComplete()).isFalse();
    assertThat(gate.waiting()).isEqualTo(1);
  }

  @Test
  void keepsPermitsForLater() {
    Gate gate = Gate.closed();
    gate.release(2);

    assertThat(gate.pass().succeeded()).isTrue();
    assertThat(gate.pass().succeeded()).isTrue();
    assertThat(gate.pass().isComplete()).isFalse();
  }

  @Test
  void openingLetsAllPassAndClosingForgetsPermits() {
    Gate gate = Gate.closed();
    Future<Void> waiting = gate.pass();

    gate.open();
    assertThat(waiting.succeeded()).isTrue();
    gate.close();
    assertThat(gate.pass().isComplete()).isFalse();
  }
}
