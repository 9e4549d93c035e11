package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.scopegate.config.ConfigLoader;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.LoopContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The checks of one server, whose connections stand or fail when a test says so. */
class EndpointCheckTest {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  private static final String ILL = "HTTP/1.1 503 Ill\r\ncontent-length: 0\r\n\r\n";

  private final EmbeddedChannel main = new EmbeddedChannel();
  private final Budget budget = new Budget(1 << 20, 10);
  private final LoopContext loop = new LoopContext(main.eventLoop(), budget);
  private final FakeConnector connector = new FakeConnector(loop);
  private final List<String> found = new ArrayList<>();
  private final EndpointCheck check =
      new EndpointCheck(
          config(),
          connector,
          false,
          new SplittableRandom(1),
          (isWell, why) -> found.add(isWell ? "well" : String.valueOf(why)));

  /** Out after two failures, in after two successes. */
  private static HealthCheckConfig config() {
    HealthCheckConfig defaults = ConfigLoader.defaults(HealthCheckConfig.class);
    return new HealthCheckConfig(
        defaults.type(),
        defaults.path(),
        defaults.service(),
        0,
        Duration.ofSeconds(5),
        Duration.ofSeconds(1),
        2,
        2);
  }

  @AfterEach
  void close() {
    check.stop();
    List.copyOf(connector.attempts).forEach(attempt -> attempt.channel().finishAndReleaseAll());
    main.close();
    assertThat(budget.heldBytes()).isZero();
  }

  private void pass(long millis) {
    main.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    main.runScheduledPendingTasks();
    main.runPendingTasks();
  }

  private void passInterval() {
    pass(5_500);
  }

  private FakeConnector.Attempt last() {
    return connector.attempts.get(connector.attempts.size() - 1);
  }

  private String answer(EmbeddedChannel channel, String text) {
    main.runPendingTasks();
    StringBuilder asked = new StringBuilder();
    for (ByteBuf out; (out = channel.readOutbound()) != null; out.release()) {
      asked.append(out.toString(StandardCharsets.US_ASCII));
    }
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    main.runPendingTasks();
    return asked.toString();
  }

  @Test
  void itAsksAgainAndAgainOverOneConnection() {
    check.start();
    pass(1_000);
    EmbeddedChannel channel = last().succeed();
    assertThat(answer(channel, OK)).startsWith("GET /ready HTTP/1.1\r\n").contains("host: tempo");
    assertThat(found).containsExactly("well");

    pass(4_400);
    assertThat(channel.outboundMessages()).as("not before its time").isEmpty();
    pass(1_200);
    assertThat(answer(channel, OK)).startsWith("GET /ready HTTP/1.1\r\n");
    assertThat(connector.attempts).hasSize(1);
    assertThat(found).containsExactly("well");
  }

  @Test
  void aServerIsIllAfterSoManyFailuresAndWellAfterSoManySuccesses() {
    check.start();
    pass(1_000);
    answer(last().succeed(), ILL);
    assertThat(found).as("one is not enough").isEmpty();
    passInterval();
    answer(last().succeed(), ILL);
    assertThat(found).containsExactly("it answers 503");

    passInterval();
    EmbeddedChannel channel = last().succeed();
    answer(channel, OK);
    assertThat(found).hasSize(1);
    passInterval();
    answer(channel, OK);
    assertThat(found).containsExactly("it answers 503", "well");
  }

  @Test
  void whoTakesNoConnectionOrDoesNotAnswerIsIll() {
    check.start();
    pass(1_000);
    last().fail();
    main.runPendingTasks();
    passInterval();
    EmbeddedChannel mute = last().succeed();
    main.runPendingTasks();
    pass(1_000);
    assertThat(found).containsExactly("no answer within 1s");
    assertThat(mute.isOpen()).as("the next one has a new connection").isFalse();
  }

  @Test
  void stoppedItAsksNoMoreAndClosesItsConnection() {
    check.start();
    pass(1_000);
    EmbeddedChannel channel = last().succeed();
    answer(channel, OK);
    check.stop();
    assertThat(channel.isOpen()).isFalse();
    pass(60_000);
    assertThat(connector.attempts).hasSize(1);
  }
}
