package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.answer.Refusal.Reason;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecentRefusalsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:13:14.015Z");
  private final RecentRefusals refusals = new RecentRefusals(InstantSource.fixed(NOW));

  private void refuse(String requestId) {
    RequestRecord transaction = RequestRecords.refused(requestId, Reason.FORBIDDEN, "payments");
    refusals.add(transaction, Refusal.of(Reason.FORBIDDEN, "no"), false);
  }

  @Test
  void theLastComesFirst() {
    refuse("a");
    refuse("b");

    assertThat(refusals.last())
        .extracting(RecentRefusals.Noted::requestId)
        .containsExactly("b", "a");
    RecentRefusals.Noted noted = refusals.last().get(0);
    assertThat(noted.time()).isEqualTo(NOW);
    assertThat(noted.listener()).isEqualTo("query");
    assertThat(noted.endpoint()).isEqualTo("/api/search");
    assertThat(noted.user()).isEqualTo("system:serviceaccount:observability:grafana");
    assertThat(noted.tenant()).isEqualTo("payments");
  }

  @Test
  void keepsTheLastTwoHundred() {
    for (int i = 0; i < 1_000; i++) {
      refuse("r" + i);
    }

    assertThat(refusals.last()).hasSize(RecentRefusals.MOST);
    assertThat(refusals.last().get(0).requestId()).isEqualTo("r999");
    assertThat(refusals.last().get(199).requestId()).isEqualTo("r800");
  }

  @Test
  void holdsOnToLittle() {
    RequestRecord transaction = RequestRecords.refused(Reason.FORBIDDEN, "t".repeat(1_000_000));
    transaction.endpoint = null;
    String detail = "authorization: may not get " + "d".repeat(1_000_000);
    refusals.add(transaction, Refusal.of(Reason.FORBIDDEN, detail), false);

    Refusal kept = refusals.last().get(0).refusal();
    assertThat(kept.detail()).startsWith("authorization: may not get d").hasSizeLessThan(1_100);
    assertThat(kept.reason()).isEqualTo(Reason.FORBIDDEN);
    assertThat(refusals.last().get(0).tenant()).hasSizeLessThan(1_100);
    assertThat(refusals.last().get(0).endpoint()).isEqualTo("unmatched");
  }

  @Test
  void severalThreadsNoteWithoutALoss() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          new Thread(() -> {
            for (int i = 0; i < 50; i++) {
              refuse("x");
            }
          }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(refusals.last()).hasSize(RecentRefusals.MOST);
  }
}
