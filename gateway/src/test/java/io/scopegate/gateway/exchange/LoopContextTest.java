package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.scopegate.authz.Authentication;
import io.scopegate.authz.User;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopContextTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Budget budget = new Budget(1_000, 100);
  private final LoopContext loop = new LoopContext(channel.eventLoop(), budget);
  private final Telemetry telemetry = new Telemetry(null, 10, "test");

  @AfterEach
  void close() {
    channel.close();
    telemetry.close();
  }

  /** A connection that counts. */
  private static final class Counting implements Connection {
    int flushes;
    int drains;
    int sweeps;

    @Override
    public void flushNow() {
      flushes++;
    }

    @Override
    public void drain() {
      drains++;
    }

    @Override
    public void sweep(long nowNanos) {
      sweeps++;
    }
  }

  private void ticks(int n) {
    for (int i = 0; i < n; i++) {
      channel.advanceTimeBy(LoopContext.TICK_MILLIS, TimeUnit.MILLISECONDS);
      channel.runScheduledPendingTasks();
    }
  }

  @Test
  void tellsHowLateItsLooksAre() {
    List<Long> lags = new ArrayList<>();
    LoopContext late = new LoopContext(channel.eventLoop(), budget, lags::add);
    late.add(new Counting(), true);
    long began = System.nanoTime();
    while (System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(150)) {
      Thread.onSpinWait(); // as a task would that takes so long
    }

    ticks(1);

    assertThat(lags).singleElement().satisfies(lag -> assertThat(lag).isGreaterThan(49_000_000));
  }

  @Test
  void flushesAConnectionOnceATurn() {
    Counting connection = new Counting();
    LoopContext.Flush flush = new LoopContext.Flush(connection);
    loop.touch(flush, 10);
    loop.touch(flush, 10);
    assertThat(connection.flushes).isZero();
    channel.runPendingTasks();
    assertThat(connection.flushes).isEqualTo(1);
    channel.runPendingTasks();
    assertThat(connection.flushes).isEqualTo(1);
  }

  @Test
  void flushesEarlierWhenMuchWaits() {
    Counting connection = new Counting();
    LoopContext.Flush flush = new LoopContext.Flush(connection);
    loop.touch(flush, 200 << 10);
    assertThat(connection.flushes).isEqualTo(1);
  }

  @Test
  void sweepsConnectionsEachHalfSecond() {
    Counting connection = new Counting();
    loop.add(connection, true);
    ticks(10);
    assertThat(connection.sweeps).isEqualTo(2);
    loop.remove(connection);
    ticks(10);
    assertThat(connection.sweeps).isEqualTo(2);
  }

  @Test
  void aClientThatComesDuringTheDrainIsDrainedToo() {
    Counting early = new Counting();
    Counting upstream = new Counting();
    Counting late = new Counting();
    loop.add(early, true);
    loop.add(upstream, false);
    loop.drain();
    loop.add(late, true);
    channel.runPendingTasks();
    assertThat(List.of(early.drains, late.drains, upstream.drains)).containsExactly(1, 1, 0);
  }

  @Test
  void aNewConnectionIsNotAsOldAsTheLastOne() {
    Counting last = new Counting();
    loop.add(last, true);
    loop.remove(last);
    ticks(1); // nothing is left, so time stands still here
    long before = System.nanoTime();
    assertThat(loop.nowNanos()).isGreaterThanOrEqualTo(before);
    long millis = System.currentTimeMillis();
    assertThat(loop.nowMillis()).isGreaterThanOrEqualTo(millis);
  }

  @Test
  void aDefectInOneExchangeEndsNoRounds() {
    RecordingEnd good = new RecordingEnd(loop);
    Exchange fine = new Exchange(good, TestContexts.http2(telemetry));
    RecordingEnd bad = new RecordingEnd(loop);
    Exchange defect = new Exchange(bad, TestContexts.http2(telemetry));
    defect.allowed(expired());
    fine.deadline(0);

    ticks(1);

    assertThat(bad.calls).containsExactly("abort");
    assertThat(good.calls).first().asString().startsWith("head 504 ");
    Counting connection = new Counting();
    loop.add(connection, true);
    ticks(10);
    assertThat(connection.sweeps).isPositive();
    fine.end(true);
    assertThat(loop.exchanges()).isZero();
  }

  /** A decision that has expired, and whose repetition fails at once. */
  private static AccessDecision expired() {
    DecisionBasis basis =
        new DecisionBasis(
            Authentication.authenticated(
                new User("jane", "u", List.of(), Map.of()),
                Long.MAX_VALUE,
                new Authentication.Proof(
                    Authentication.Proof.Source.TOKEN_REVIEW,
                    "",
                    0,
                    Long.MAX_VALUE,
                    new io.scopegate.authz.Lease())),
            List.of(),
            "",
            List.of(),
            List.of(),
            () -> {
              throw new IllegalStateException("a defect");
            });
    return new AccessDecision(null, null, "", "jane", 0, basis);
  }

  @Test
  void creditIsGivenWhenThereIsMemoryAgain() {
    RecordingEnd client = new RecordingEnd(loop);
    RecordingEnd upstream = new RecordingEnd(loop);
    client.link(upstream);
    budget.hold(2_000);
    client.send("hello", false);
    ticks(1);
    assertThat(client.credit).isZero();
    budget.release(2_000);
    ticks(1);
    assertThat(client.credit).isEqualTo(5);
  }

  @Test
  void whatBringsMoreThanWasPromisedIsEnded() {
    RecordingEnd client = new RecordingEnd(loop);
    Exchange x = new Exchange(client, TestContexts.http2(telemetry));
    RecordingEnd upstream = new RecordingEnd(loop);
    upstream.stalls = true;
    client.link(upstream);
    budget.hold(1_600);
    client.send("hello", false);
    assertThat(client.calls).first().asString().startsWith("head 503 ");
    client.written(5);
    budget.release(1_600);
    x.end(false);
    assertThat(budget.heldBytes()).isZero();
  }
}
