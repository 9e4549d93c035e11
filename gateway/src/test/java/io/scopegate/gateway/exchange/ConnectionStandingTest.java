package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConnectionStandingTest {
  private final AtomicInteger letIn = new AtomicInteger();
  private final ConnectionStanding standing = new ConnectionStanding(letIn::incrementAndGet);

  @Test
  void itsFirstAllowedRequestIsToldOnce() {
    assertThat(standing.isLetIn()).isFalse();
    standing.letIn();
    standing.letIn();
    assertThat(standing.isLetIn()).isTrue();
    assertThat(letIn).hasValue(1);
  }

  @Test
  void itIsQuietWhenItsLastRequestHasEnded() {
    standing.begin();
    standing.begin();
    standing.end(1_000);
    assertThat(standing.quietNanos(5_000)).isNegative();
    standing.end(2_000);
    assertThat(standing.quietNanos(5_000)).isEqualTo(3_000);
    assertThat(standing.quietNanos(1_000)).as("an earlier look").isZero();
    standing.begin();
    assertThat(standing.quietNanos(9_000)).isNegative();
  }

  @Test
  void aTimeThatLooksLikeBusyIsNone() {
    standing.begin();
    standing.end(Long.MIN_VALUE);
    assertThat(standing.quietNanos(Long.MIN_VALUE + 11)).isEqualTo(10);
  }

  @Test
  void aNewConnectionIsQuietFromItsBeginning() {
    assertThat(standing.quietNanos(System.nanoTime() + 1_000)).isNotNegative();
  }
}
