package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisURI;
import io.scopegate.config.Secret;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where Redis is, and what it may answer. */
class RedisBudgetStoreTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://h",
        "redis://h:7000/",
        "rediss://:password@h/3",
        "redis://user:p@h/1234",
        "redis://[::1]:6379"
      })
  void takesTheUrlOfOneServer(String url) {
    assertThat(LimitStore.accepts(Secret.parse(url))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h:6379",
        "http://h",
        "redis:h",
        "redis:///0",
        "redis://h/12345",
        "redis://h/zero",
        "redis://h/0?timeout=1s",
        "redis://h/0#f",
        "redis://h:password with blanks",
        "redis-sentinel://h/0"
      })
  void takesNoOther(String url) {
    assertThat(LimitStore.accepts(Secret.parse(url))).isFalse();
  }

  @Test
  void saysNothingOfAUrlThatItDoesNotTake() {
    assertThatThrownBy(() -> RedisBudgetStore.uri(Secret.parse("redis://:hunter 2@h")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .hasMessageNotContaining("hunter");
  }

  @Test
  void readsTheUrl() {
    RedisURI uri = RedisBudgetStore.uri(Secret.parse("rediss://user:secret@redis.example:7000/3"));

    assertThat(uri.getHost()).isEqualTo("redis.example");
    assertThat(uri.getPort()).isEqualTo(7000);
    assertThat(uri.getDatabase()).isEqualTo(3);
    assertThat(uri.isSsl()).isTrue();
    assertThat(uri.isVerifyPeer()).isTrue();
    assertThat(uri.getTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(uri.getClientName()).isEqualTo("scopegate");
  }

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
