package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private static int taken(RetryBudget budget, int requests) {
    int taken = 0;
    for (int i = 0; i < requests; i++) {
      budget.request();
      taken += budget.take(null) ? 1 : 0;
    }
    return taken;
  }

  @Test
  void aShareOfTheRequestsIsSentAgain() {
    assertThat(taken(new RetryBudget(20), 1000)).isBetween(190, 203);
    assertThat(taken(new RetryBudget(5), 1000)).isBetween(43, 53);
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
    while (budget.take(null)) {
      burst++;
    }
    assertThat(burst).as("a few are left to others").isBetween(90, 99);
  }

  @Test
  void noneWithoutABudget() {
    assertThat(taken(new RetryBudget(0), 100)).isZero();
  }

  @Test
  void aTenantThatTakesAllItCanLeavesSomeToOthers() {
    RetryBudget budget = new RetryBudget(20);
    Object slow = new Object();
    for (int i = 0; i < 10_000; i++) {
      budget.request();
      budget.take(slow);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(budget.take(new Object())).as("of another tenant, now").isTrue();
    }
  }

  @Test
  void whoWantAsMuchGetAsMuch() {
    RetryBudget budget = new RetryBudget(20);
    Object[] tenants = {new Object(), new Object(), new Object()};
    int[] taken = new int[tenants.length];
    for (int i = 0; i < 30_000; i++) {
      budget.request();
      for (int t = 0; t < tenants.length; t++) { // the first one always comes first
        taken[t] += budget.take(tenants[t]) ? 1 : 0;
      }
    }
    for (int each : taken) {
      assertThat(each).isBetween(1_500, 2_500);
    }
  }

  @Test
  void aTenantThatWantsLittleGetsItBesideOneThatWantsAll() {
    RetryBudget budget = new RetryBudget(20);
    Object slow = new Object();
    Object quiet = new Object();
    int missed = 0;
    for (int i = 0; i < 10_000; i++) {
      budget.request();
      budget.take(slow);
      budget.take(slow);
      if (i % 50 == 0 && i > 1_000) {
        missed += budget.take(quiet) ? 0 : 1;
      }
    }
    assertThat(missed).isZero();
  }
}
