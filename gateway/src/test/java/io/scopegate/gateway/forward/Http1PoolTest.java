package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RecordingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.exchange.TestContexts;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.telemetry.Telemetry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http1PoolTest {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

  private static final Predicate<String> GAVE_UP = call -> call.startsWith("head 503 ");

  private final EmbeddedChannel main = new EmbeddedChannel();
  private final Budget budget = new Budget(1 << 20, 100);
  private final LoopContext loop = new LoopContext(main.eventLoop(), budget);
  private final FakeConnector connector = new FakeConnector(loop);
  private final FakeHome home = new FakeHome();
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final ConnectionContext context = TestContexts.http2(telemetry);
  private final List<RecordingEnd> clients = new ArrayList<>();
  private final TenantMemoryShare a = new TenantMemoryShare(budget);
  private final TenantMemoryShare b = new TenantMemoryShare(budget);
  private final TenantMemoryShare c = new TenantMemoryShare(budget);

  @AfterEach
  void close() {
    for (RecordingEnd client : clients) {
      StreamEnd upstream = client.peer();
      if (upstream != null) {
        upstream.reset(StreamEnd.CANCEL);
      }
    }
    List.copyOf(connector.attempts).forEach(attempt -> attempt.channel().finishAndReleaseAll());
    main.close();
    telemetry.close();
    assertThat(budget.heldBytes()).isZero();
    assertThat(budget.waitingBytes()).isZero();
  }

  private Http1Pool pool(int max, int pending) {
    CodecSettings settings = new CodecSettings(64 << 10, 0, 0, 0, 0, 0, true);
    return new Http1Pool(connector, home, settings, max, pending);
  }

  private RecordingEnd ask(Pool pool, @Nullable TenantMemoryShare tenant, String path) {
    RecordingEnd client = new RecordingEnd(loop);
    clients.add(client);
    new Exchange(client, context);
    StreamEnd upstream = pool.open(tenant);
    client.link(upstream);
    upstream.head(new DefaultHttp2Headers().method("GET").path(path).authority("t"), true);
    main.runPendingTasks();
    return client;
  }

  /** The paths that were asked for on a connection since the last look. */
  private List<String> asked(EmbeddedChannel channel) {
    main.runPendingTasks();
    List<String> paths = new ArrayList<>();
    for (ByteBuf out; (out = channel.readOutbound()) != null; out.release()) {
      String text = out.toString(StandardCharsets.US_ASCII);
      if (text.startsWith("GET ")) {
        paths.add(text.split(" ", 3)[1]);
      }
    }
    return paths;
  }

  private void answer(EmbeddedChannel channel) {
    channel.writeInbound(Unpooled.copiedBuffer(OK, StandardCharsets.US_ASCII));
    main.runPendingTasks();
  }

  private EmbeddedChannel connect(int attempt) {
    return connector.attempts.get(attempt).succeed();
  }

  @Test
  void aConnectionIsUsedAgain() {
    Http1Pool pool = pool(2, 10);
    RecordingEnd first = ask(pool, a, "/1");
    EmbeddedChannel channel = connect(0);
    assertThat(asked(channel)).containsExactly("/1");
    answer(channel);
    assertThat(first.calls).contains("head 200 true");
    ask(pool, b, "/2");
    assertThat(asked(channel)).containsExactly("/2");
    assertThat(connector.attempts).hasSize(1);
  }

  @Test
  void tenantsThatWaitGetTheirTurnOneAfterTheOther() {
    Http1Pool pool = pool(1, 100);
    ask(pool, a, "/a1");
    ask(pool, a, "/a2");
    ask(pool, a, "/a3");
    ask(pool, b, "/b1");
    EmbeddedChannel channel = connect(0);
    List<String> order = new ArrayList<>(asked(channel));
    for (int i = 0; i < 3; i++) {
      answer(channel);
      order.addAll(asked(channel));
    }
    assertThat(order).containsExactly("/a1", "/b1", "/a2", "/a3");
  }

  @Test
  void oneTenantLeavesConnectionsToTheOthers() {
    Http1Pool pool = pool(4, 100);
    ask(pool, a, "/a1");
    connect(0);
    ask(pool, a, "/a2");
    connect(1);
    ask(pool, a, "/a3");
    assertThat(connector.attempts).as("a has as many as are free").hasSize(2);
    ask(pool, b, "/b1");
    assertThat(connector.attempts).hasSize(3);
    assertThat(asked(connect(2))).containsExactly("/b1");
  }

  @Test
  void aTenantMayHaveAsManyPlacesInTheQueueAsAreFree() {
    Http1Pool pool = pool(1, 2);
    RecordingEnd first = ask(pool, a, "/a1");
    RecordingEnd second = ask(pool, a, "/a2");
    RecordingEnd other = ask(pool, b, "/b1");
    RecordingEnd third = ask(pool, c, "/c1");
    assertThat(first.calls).isEmpty();
    assertThat(second.calls).as("over a's places").anyMatch(GAVE_UP);
    assertThat(other.calls).isEmpty();
    assertThat(third.calls).as("no place is left").anyMatch(GAVE_UP);
    first.peer().reset(StreamEnd.CANCEL);
    assertThat(ask(pool, c, "/c2").calls).as("who hung up waits no more").isEmpty();
    connector.attempts.get(0).fail();
  }

  @Test
  void nobodyWaitsForAnUpstreamThatCannotBeReached() {
    Http1Pool pool = pool(2, 10);
    RecordingEnd waits = ask(pool, a, "/1");
    connector.attempts.get(0).fail();
    assertThat(waits.calls).anyMatch(GAVE_UP);

    assertThat(ask(pool, a, "/2").calls).anyMatch(GAVE_UP);
    assertThat(connector.attempts).as("not tried while it backs off").hasSize(1);

    connector.nanoTime += 100_000_001L;
    assertThat(ask(pool, a, "/3").calls).isEmpty();
    assertThat(connector.attempts).hasSize(2);
    connector.attempts.get(1).fail();
    connector.nanoTime += 100_000_001L;
    assertThat(ask(pool, a, "/4").calls).as("twice as long").anyMatch(GAVE_UP);
    assertThat(connector.attempts).hasSize(2);
  }

  private void pass(long millis) {
    connector.nanoTime += millis * 1_000_000;
    main.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    main.runScheduledPendingTasks();
    main.runPendingTasks();
  }

  @Test
  void whoHasNoOtherWaitsForAnAttemptOfItsOwn() {
    home.awaited = 1;
    Http1Pool pool = pool(10, 10);
    RecordingEnd first = ask(pool, a, "/1");
    connector.attempts.get(0).fail();
    assertThat(first.calls).anyMatch(GAVE_UP);
    pass(30);
    RecordingEnd second = ask(pool, a, "/2");
    pass(69);
    assertThat(connector.attempts).as("not too soon").hasSize(1);
    pass(1);
    assertThat(connector.attempts).hasSize(2);
    connector.attempts.get(1).fail();
    assertThat(second.calls).anyMatch(GAVE_UP);

    RecordingEnd third = ask(pool, a, "/3");
    pass(100);
    assertThat(asked(connect(2))).containsExactly("/3");
    assertThat(third.calls).isEmpty();
  }

  @Test
  void anAttemptThatBeganBeforeIsNotTheOneThatIsWaitedFor() {
    home.awaited = 2;
    Http1Pool pool = pool(10, 10);
    RecordingEnd one = ask(pool, a, "/1");
    RecordingEnd two = ask(pool, b, "/2");
    assertThat(connector.attempts).hasSize(2);
    connector.attempts.get(0).fail();
    connector.attempts.get(1).fail();
    assertThat(one.calls).isEmpty();
    assertThat(two.calls).isEmpty();
    pass(100);
    connector.attempts.get(2).fail();
    assertThat(one.calls).anyMatch(GAVE_UP);
    assertThat(two.calls).anyMatch(GAVE_UP);
  }

  private Http1Pool bounded(int limit) {
    home.bound =
        new ConcurrencyBound(
            new ConcurrencyConfig(limit, limit, limit, 150, Duration.ofSeconds(2)),
            1,
            () -> connector.nanoTime,
            () -> {},
            null);
    return pool(100, 10);
  }

  @Test
  void noMoreThanTheBoundIsUnderWayAndTenantsTakeTurns() {
    Http1Pool pool = bounded(2);
    ask(pool, a, "/a1");
    ask(pool, a, "/a2");
    ask(pool, a, "/a3");
    ask(pool, b, "/b1");
    EmbeddedChannel one = connect(0);
    EmbeddedChannel two = connect(1);
    assertThat(connector.attempts).as("what waits for its turn needs none").hasSize(2);
    assertThat(asked(one)).containsExactly("/a1");
    assertThat(asked(two)).as("of each tenant one").containsExactly("/b1");
    answer(one);
    assertThat(asked(one)).containsExactly("/a2");
    two.close();
    main.runPendingTasks();
    assertThat(connector.attempts).as("a lost connection frees a place, too").hasSize(3);
    assertThat(asked(connect(2))).containsExactly("/a3");
  }

  @Test
  void whoWaitsForItsTurnForTooLongIsRefused() {
    Http1Pool pool = bounded(1);
    ask(pool, a, "/1");
    EmbeddedChannel channel = connect(0);
    assertThat(asked(channel)).containsExactly("/1");
    RecordingEnd late = ask(pool, a, "/2");
    pass(1_000);
    RecordingEnd later = ask(pool, b, "/3");
    pass(900);
    assertThat(late.calls).isEmpty();
    pass(200);
    assertThat(late.calls).anyMatch(GAVE_UP);
    assertThat(later.calls).isEmpty();
    answer(channel);
    assertThat(asked(channel)).containsExactly("/3");
  }

  @Test
  void whoWaitsForAnAttemptHasAsMuchTimeAsWhoWaitsForItsTurn() {
    home.awaited = 1;
    Http1Pool pool = bounded(1);
    ask(pool, a, "/1");
    connector.attempts.get(0).fail();
    RecordingEnd waits = ask(pool, a, "/2");
    pass(100);
    assertThat(waits.calls).isEmpty();
    assertThat(asked(connect(1))).containsExactly("/2");
  }

  @Test
  void whoGoesAwayWhileItWaitsTakesNoTurn() {
    Http1Pool pool = bounded(1);
    ask(pool, a, "/1");
    EmbeddedChannel channel = connect(0);
    asked(channel);
    RecordingEnd gone = ask(pool, a, "/2");
    ask(pool, a, "/3");
    gone.peer().reset(StreamEnd.CANCEL);
    answer(channel);
    assertThat(asked(channel)).containsExactly("/3");
  }

  @Test
  void whoWaitsWhileOthersHoldConnectionsIsTriedForAgain() {
    Http1Pool pool = pool(2, 10);
    ask(pool, a, "/a1");
    connect(0);
    RecordingEnd waits = ask(pool, b, "/b1");
    connector.attempts.get(1).fail();
    assertThat(waits.calls).as("it may still get the other one").isEmpty();

    connector.nanoTime += 100_000_001L;
    main.advanceTimeBy(101, TimeUnit.MILLISECONDS);
    main.runScheduledPendingTasks();
    main.runPendingTasks();

    assertThat(connector.attempts).hasSize(3);
    assertThat(asked(connect(2))).containsExactly("/b1");
  }

  @Test
  void aConnectionThatWasClosedMakesRoomForWhoWaits() {
    Http1Pool pool = pool(1, 10);
    RecordingEnd first = ask(pool, a, "/a1");
    EmbeddedChannel channel = connect(0);
    ask(pool, b, "/b1");
    channel.close();
    main.runPendingTasks();
    assertThat(first.calls).anyMatch(GAVE_UP);
    assertThat(connector.attempts).hasSize(2);
    assertThat(asked(connect(1))).containsExactly("/b1");
  }

  @Test
  void aRequestThatMetAClosingConnectionGoesOnceMore() {
    Http1Pool pool = pool(1, 10);
    ask(pool, a, "/1");
    EmbeddedChannel channel = connect(0);
    asked(channel);
    answer(channel);
    RecordingEnd client = ask(pool, a, "/2");
    channel.close();
    main.runPendingTasks();
    assertThat(client.calls).isEmpty();
    assertThat(home.resent).isEqualTo(1);
    assertThat(asked(connect(1))).containsExactly("/2");
  }

  @Test
  void aRetiredPoolClosesWhatIsFreeAndWhatBecomesFree() {
    Http1Pool pool = pool(4, 10);
    ask(pool, a, "/1");
    EmbeddedChannel free = connect(0);
    ask(pool, b, "/2");
    EmbeddedChannel busy = connect(1);
    answer(free);

    pool.retire();

    assertThat(free.isOpen()).isFalse();
    assertThat(busy.isOpen()).isTrue();
    answer(busy);
    assertThat(busy.isOpen()).isFalse();
  }
}
