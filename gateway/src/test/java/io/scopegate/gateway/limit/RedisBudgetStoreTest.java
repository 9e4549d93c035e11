package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What Redis may answer. */
class RedisBudgetStoreTest {
  @Test
  void readsReplicasAndBalances() {
    SharedBudgetStore.Answer answer = RedisBudgetStore.read(List.of(3L, 10L, -4L));

    assertThat(answer).isEqualTo(new SharedBudgetStore.Answer(3, List.of(10L, -4L)));
    assertThat(RedisBudgetStore.read(List.of(Long.MAX_VALUE)).replicas())
        .isEqualTo(SharedBudgetStore.MOST_REPLICAS);
  }

  @Test
  void readsNothingElse() {
    assertThat(RedisBudgetStore.read(List.of())).isNull();
    assertThat(RedisBudgetStore.read(List.of(1L, "2"))).isNull();
    assertThat(RedisBudgetStore.read(List.of("1"))).isNull();
  }
}
