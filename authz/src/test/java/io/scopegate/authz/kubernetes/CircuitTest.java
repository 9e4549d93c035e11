package io.scopegate.authz.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CircuitTest {
  private static final long NOW = 1_000_000;

  private final Circuit circuit = new Circuit(64);

  private void open() {
    for (int i = 0; i < 3; i++) {
      circuit.failed(true, NOW);
    }
    assertThat(circuit.isOpen()).isTrue();
  }

  @Test
  void opensAfterFiveFailuresInARow() {
    for (int i = 0; i < 4; i++) {
      assertThat(circuit.failed(false, NOW)).isFalse();
    }
    assertThat(circuit.failed(false, NOW)).isTrue();
    assertThat(circuit.failed(false, NOW)).isFalse();
  }

  @Test
  void opensAfterThreeTimeoutsInARow() {
    assertThat(circuit.failed(true, NOW)).isFalse();
    assertThat(circuit.failed(true, NOW)).isFalse();
    assertThat(circuit.failed(true, NOW)).isTrue();
  }

  @Test
  void anAnswerBetweenFailuresKeepsItClosed() {
    for (int i = 0; i < 20; i++) {
      circuit.failed(true, NOW);
      circuit.failed(true, NOW);
      assertThat(circuit.answered()).isFalse();
    }
    assertThat(circuit.isOpen()).isFalse();
  }

  @Test
  void letsOneProbeThroughInASecond() {
    open();
    assertThat(circuit.waitMillis(NOW)).isZero();
    circuit.sent(NOW);
    assertThat(circuit.waitMillis(NOW)).isEqualTo(1000);
    assertThat(circuit.waitMillis(NOW + 999)).isEqualTo(1);
    assertThat(circuit.waitMillis(NOW + 1000)).isZero();
  }

  @Test
  void aFailedProbeLeavesItOpen() {
    open();
    circuit.sent(NOW);
    assertThat(circuit.failed(false, NOW + 10)).isFalse();
    assertThat(circuit.waitMillis(NOW + 10)).isEqualTo(990);
  }

  @Test
  void aClockThatIsSetBackDelaysNoProbe() {
    open();
    circuit.sent(NOW);
    assertThat(circuit.waitMillis(NOW - 3_600_000)).isEqualTo(1000);
  }

  @Test
  void startsWithTwoWhenItClosesAndDoublesWithEachAnswer() {
    open();
    assertThat(circuit.answered()).isTrue();
    assertThat(circuit.isOpen()).isFalse();
    for (int expected : new int[] {2, 4, 8, 16, 32, 64, 64}) {
      assertThat(circuit.window()).isEqualTo(expected);
      circuit.answered();
    }
  }

  @Test
  void halvesTheWindowWhenTheServerHasTooMuchToDo() {
    circuit.throttled();
    assertThat(circuit.window()).isEqualTo(32);
    circuit.failed(true, NOW);
    assertThat(circuit.window()).isEqualTo(16);
    for (int i = 0; i < 10; i++) {
      circuit.throttled();
    }
    assertThat(circuit.window()).isEqualTo(1);
    assertThat(circuit.isOpen()).isFalse();
  }

  @Test
  void aServerThatThrottlesAProbeIsThere() {
    open();
    assertThat(circuit.throttled()).isTrue();
    assertThat(circuit.window()).isEqualTo(1);
  }
}
