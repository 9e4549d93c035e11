package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private static int taken(RetryBudget budget, int requests) {
    int taken = 0;
    for (int i = 0; i < requests; i++) {
      budget.request();
      taken += budget.take() ? 1 : 0;
    }
    return taken;
  }

  @Test
  void aShareOfTheRequestsIsSentAgain() {
    assertThat(taken(new RetryBudget(20), 1000)).isBetween(200, 203);
    assertThat(taken(new RetryBudget(5), 1000)).isBetween(50, 53);
  }

  @Test
  void aFewAreAtOnce() {
    assertThat(taken(new RetryBudget(20), 3)).isEqualTo(3);
  }

  @Test
  void whatIsSavedUpHasAnEnd() {
    RetryBudget budget = new RetryBudget(20);
    for (int i = 0; i < 1_000_000; i++) {
      budget.request();
    }
    int burst = 0;
    while (budget.take()) {
      burst++;
    }
    assertThat(burst).isEqualTo(100);
  }

  @Test
  void noneWithoutABudget() {
    assertThat(taken(new RetryBudget(0), 100)).isZero();
  }
}
