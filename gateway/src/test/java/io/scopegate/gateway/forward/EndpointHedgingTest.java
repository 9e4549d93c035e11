package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.RecordingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Slow reads that a second endpoint gets as well. */
final class EndpointHedgingTest extends EndpointSetFixture {
  private void startHedging(String... names) {
    set =
        set(
            new UpstreamConfig(
                config.url(),
                config.endpoints(),
                null,
                null,
                null,
                null,
                config.host(),
                config.protocol(),
                config.tls(),
                config.timeouts(),
                config.connections(),
                config.lookupInterval(),
                config.health(),
                config.retries(),
                new HedgingConfig(Duration.ofMillis(300), 0),
                null,
                Affinity.NONE,
                null));
    start(names);
  }

  @Test
  void aSlowReadGoesToASecondOneAndTheFirstAnswerCounts() {
    startHedging("a", "b");
    Unanswered slow = askWithoutAnswer("GET");
    pass(200);
    assertThat(attempts(other(slow.at()))).as("it has time").isZero();
    pass(100);
    answer(connect(other(slow.at())), OK);

    assertThat(is(slow.client(), "200")).isTrue();
    assertThat(slow.channel().isOpen()).as("the slow one is cancelled").isFalse();
    assertThat(counted("scopegate_upstream_hedges_total")).isEqualTo(1);
    assertThat(counted("scopegate_upstream_hedges_won_total")).isEqualTo(1);
    assertThat(slow.client().calls).hasSize(1);
  }

  @Test
  void theSecondOneIsCancelledWhenTheFirstAnswersAfterAll() {
    startHedging("a", "b");
    Unanswered slow = askWithoutAnswer("GET");
    pass(300);
    EmbeddedChannel second = connect(other(slow.at()));
    answer(slow.channel(), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");

    assertThat(slow.client().calls).containsExactly("head 200 false", "ok true");
    assertThat(second.isOpen()).isFalse();
    assertThat(slow.channel().isOpen()).isTrue();
    assertThat(counted("scopegate_upstream_hedges_won_total")).isZero();
  }

  @Test
  void aFailureOfOneIsNoAnswerWhileTheOtherIsAsked() {
    startHedging("a", "b");
    Unanswered slow = askWithoutAnswer("GET");
    pass(300);
    EmbeddedChannel second = connect(other(slow.at()));
    answer(second, "HTTP/1.1 500 Ill\r\ncontent-length: 0\r\n\r\n");
    assertThat(slow.client().calls).isEmpty();
    answer(slow.channel(), OK);
    assertThat(is(slow.client(), "200")).isTrue();
  }

  @Test
  void aClientThatGoesCancelsBoth() {
    startHedging("a", "b");
    Unanswered slow = askWithoutAnswer("GET");
    pass(300);
    EmbeddedChannel second = connect(other(slow.at()));
    slow.client().peer().reset(StreamEnd.CANCEL);
    assertThat(slow.channel().isOpen()).isFalse();
    assertThat(second.isOpen()).isFalse();
  }

  @Test
  void aHedgedReadIsStillSentAgainWhenItFails() {
    startHedging("a", "b");
    RecordingEnd client = ask("GET");
    String ill = chosen();
    answer(connect(ill), ILL);
    answer(connect(other(ill)), OK);
    assertThat(is(client, "200")).isTrue();
    pass(1_000);
    assertThat(counted("scopegate_upstream_hedges_total")).isZero();
  }

  @Test
  void withOneEndpointNothingIsSentTwice() {
    startHedging("a");
    ask("GET");
    lastAttempt("a").succeed();
    pass(2_000);
    assertThat(counted("scopegate_upstream_hedges_total")).isZero();
  }

  @Test
  void hedgesStayWithinTheBudgetOfRetries() {
    startHedging("a", "b");
    for (int i = 0; i < 50; i++) {
      ask("GET");
      connectAll();
    }
    pass(400);
    assertThat(counted("scopegate_upstream_hedges_total")).isBetween(1.0, 3 + 0.2 * 50);
  }

  @Test
  void aTenantWhoseReadsAreAllSlowLeavesHedgesToAnother() {
    startHedging("a", "b");
    TenantMemoryShare slow = new TenantMemoryShare(new Budget(1 << 20, 1000));
    for (int i = 0; i < 50; i++) {
      ask("GET", slow);
      connectAll();
    }
    pass(400);
    double before = counted("scopegate_upstream_hedges_total");
    ask("GET", new TenantMemoryShare(new Budget(1 << 20, 1000)));
    connectAll();
    pass(400);

    assertThat(counted("scopegate_upstream_hedges_total")).isEqualTo(before + 1);
  }
}
