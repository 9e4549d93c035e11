package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BudgetTest {
  @Test
  void isSpentAboveItsLimitAndExhaustedAboveOneAndAHalf() {
    Budget budget = new Budget(100, 10);
    budget.hold(100);
    assertThat(budget.spent()).isFalse();
    budget.hold(50);
    assertThat(budget.spent()).isTrue();
    assertThat(budget.exhausted()).isFalse();
    budget.hold(1);
    assertThat(budget.exhausted()).isTrue();
    budget.release(151);
    assertThat(budget.spent()).isFalse();
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void needsALimit() {
    assertThatThrownBy(() -> new Budget(0, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
