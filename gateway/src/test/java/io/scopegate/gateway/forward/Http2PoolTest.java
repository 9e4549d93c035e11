package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Admission;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.RecordingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.exchange.TestContexts;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.http.Http2UpstreamConnection;
import io.scopegate.gateway.telemetry.RequestRecord;
import io.scopegate.gateway.telemetry.Telemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http2PoolTest {
  private static final int FIRST = 3; // 1 is kept for an upgrade
  private static final int SECOND = 5;
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

  @AfterEach
  void close() {
    for (RecordingEnd client : clients) {
      StreamEnd upstream = client.peer();
      if (upstream != null) {
        upstream.reset(StreamEnd.CANCEL);
      }
    }
    main.runPendingTasks(); // their frames are to be written before the channels are emptied
    List.copyOf(connector.attempts).forEach(attempt -> attempt.channel().finishAndReleaseAll());
    main.close();
    telemetry.close();
    assertThat(budget.waitingBytes()).isZero();
  }

  private Http2Pool pool(int max, int pending) {
    CodecSettings settings = new CodecSettings(64 << 10, 0, 0, 0, 0, 0, true);
    return new Http2Pool(connector, home, settings, max, pending);
  }

  /** Lets everything through. */
  private record Unmeasured() implements Admission {
    @Override
    public boolean measures() {
      return false;
    }

    @Override
    public @Nullable Refusal received(ByteBuf bytes, boolean end) {
      return null;
    }

    @Override
    public void ended(RequestRecord record) {}
  }

  /** A client whose request waits, or is on its way. */
  private RecordingEnd ask(Http2Pool pool, TenantMemoryShare tenant) {
    RecordingEnd client = new RecordingEnd(loop);
    clients.add(client);
    new Exchange(client, context).admitted(new Unmeasured(), tenant);
    StreamEnd upstream = pool.open(tenant);
    client.link(upstream);
    upstream.head(
        new DefaultHttp2Headers().method("POST").path("/a.B/C").scheme("http").authority("t"),
        true);
    main.runPendingTasks();
    return client;
  }

  private static boolean waits(RecordingEnd client) {
    return client.peer() instanceof PendingEnd;
  }

  private void frames(EmbeddedChannel channel, String hex) {
    channel.writeInbound(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    main.runPendingTasks();
  }

  /** SETTINGS_MAX_CONCURRENT_STREAMS. */
  private void settings(EmbeddedChannel channel, int streams) {
    frames(channel, "000006" + "04" + "00" + "00000000" + "0003" + String.format("%08x", streams));
  }

  /** The head of an answer: 200. */
  private void head(EmbeddedChannel channel, int stream, boolean end) {
    frames(channel, "000001" + "01" + (end ? "05" : "04") + String.format("%08x", stream) + "88");
  }

  private void body(EmbeddedChannel channel, int stream, String hex) {
    frames(channel, "000002" + "00" + "00" + String.format("%08x", stream) + hex);
  }

  /** Trailers: {@code x: y}. */
  private void trailers(EmbeddedChannel channel, int stream) {
    frames(channel, "000005" + "01" + "05" + String.format("%08x", stream) + "0001780179");
  }

  private EmbeddedChannel connect(int attempt) {
    return connector.attempts.get(attempt).succeed();
  }

  @Test
  void requestsWaitForTheFirstSettings() {
    Http2Pool pool = pool(1, 10);
    RecordingEnd client = ask(pool, a);
    EmbeddedChannel channel = connect(0);
    assertThat(waits(client)).isTrue();
    settings(channel, 10);
    assertThat(waits(client)).isFalse();
  }

  @Test
  void anAnswerGoesToWhoeverAskedInWhicheverOrderAnswersCome() {
    Http2Pool pool = pool(1, 10);
    RecordingEnd first = ask(pool, a);
    EmbeddedChannel channel = connect(0);
    settings(channel, 10);
    RecordingEnd second = ask(pool, b);
    assertThat(pool.underWay()).isEqualTo(2);

    head(channel, SECOND, false);
    head(channel, FIRST, true);
    body(channel, SECOND, "6869");
    trailers(channel, SECOND);

    assertThat(first.calls).containsExactly("head 200 true");
    assertThat(second.calls).containsExactly("head 200 false", "hi false", "trailers 1");
    assertThat(pool.underWay()).isZero();
    assertThat(connector.attempts).hasSize(1);
  }

  @Test
  void theStreamOfACompleteAnswerIsFreeForTheNextThatWaits() {
    Http2Pool pool = pool(1, 10);
    RecordingEnd first = ask(pool, a);
    EmbeddedChannel channel = connect(0);
    settings(channel, 1);
    RecordingEnd second = ask(pool, a);

    head(channel, FIRST, false);
    assertThat(waits(second)).as("the answer is not complete").isTrue();
    trailers(channel, FIRST);
    assertThat(waits(second)).isFalse();
    head(channel, SECOND, true);

    assertThat(first.calls).containsExactly("head 200 false", "trailers 1");
    assertThat(second.calls).containsExactly("head 200 true");
    assertThat(connector.attempts).hasSize(1);
  }

  @Test
  void aRetiredPoolClosesWhenTheLastAnswerIsComplete() {
    Http2Pool pool = pool(1, 10);
    RecordingEnd client = ask(pool, a);
    EmbeddedChannel channel = connect(0);
    settings(channel, 10);
    pool.retire();
    head(channel, FIRST, false);
    assertThat(channel.isOpen()).isTrue();

    trailers(channel, FIRST);
    channel.runPendingTasks();
    main.runPendingTasks();

    assertThat(client.calls).containsExactly("head 200 false", "trailers 1");
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void anotherConnectionIsMadeWhenTheStreamsOfTheFirstAreUsed() {
    Http2Pool pool = pool(2, 10);
    RecordingEnd first = ask(pool, a);
    settings(connect(0), 1);
    RecordingEnd second = ask(pool, a);
    assertThat(waits(first)).isFalse();
    assertThat(waits(second)).isTrue();
    assertThat(connector.attempts).hasSize(2);
    settings(connect(1), 1);
    assertThat(waits(second)).isFalse();
    RecordingEnd third = ask(pool, a);
    assertThat(waits(third)).isTrue();
    assertThat(connector.attempts).as("not more than configured").hasSize(2);
    third.peer().reset(StreamEnd.CANCEL);
  }

  @Test
  void tenantsThatWaitGetTheirTurnOneAfterTheOther() {
    Http2Pool pool = pool(1, 100);
    ask(pool, a);
    EmbeddedChannel channel = connect(0);
    settings(channel, 1);
    RecordingEnd a2 = ask(pool, a);
    RecordingEnd a3 = ask(pool, a);
    RecordingEnd b1 = ask(pool, b);
    settings(channel, 2);
    assertThat(waits(a2)).isFalse();
    settings(channel, 3);
    assertThat(waits(b1)).isFalse();
    assertThat(waits(a3)).isTrue();
    settings(channel, 4);
    assertThat(waits(a3)).isFalse();
  }

  @Test
  void whoHungUpIsSkipped() {
    Http2Pool pool = pool(1, 100);
    ask(pool, a);
    EmbeddedChannel channel = connect(0);
    settings(channel, 1);
    RecordingEnd gone = ask(pool, a);
    RecordingEnd next = ask(pool, a);
    gone.peer().reset(StreamEnd.CANCEL);
    settings(channel, 2);
    assertThat(waits(next)).isFalse();
  }

  @Test
  void aConnectionThatClosesBeforeItsSettingsHasFailed() {
    Http2Pool pool = pool(1, 10);
    RecordingEnd client = ask(pool, a);
    connect(0).close();
    main.runPendingTasks();
    assertThat(client.calls).anyMatch(GAVE_UP);
    assertThat(connector.reports).isEqualTo(1);
    assertThat(ask(pool, a).calls).as("while it backs off").anyMatch(GAVE_UP);
    connector.nanoTime += 100_000_001L;
    ask(pool, a).peer().reset(StreamEnd.CANCEL);
    assertThat(connector.attempts).as("the dead one was forgotten").hasSize(2);
    assertThat(loop.upstreams()).isZero();
  }

  @Test
  void whatASilentServerDoesNotAnswerIsSentAgainAsSoonAsThatIsPossible() {
    Http2Pool pool = pool(2, 10);
    ask(pool, a);
    settings(connect(0), 10);
    pool.abandon();
    assertThat(home.resent).as("nobody else is there").isZero();

    home.hasRoomElsewhere = true;
    pool.resendUnanswered();
    assertThat(home.resent).isEqualTo(1);
  }

  @Test
  void whatASilentServerDoesNotAnswerIsSentAgainAtOnce() {
    home.hasRoomElsewhere = true;
    Http2Pool pool = pool(2, 10);
    ask(pool, a);
    settings(connect(0), 10);
    pool.abandon();
    assertThat(home.resent).isEqualTo(1);
  }

  @Test
  void aRetiredPoolClosesWhatIsFreeAndWhatBecomesFree() {
    Http2Pool pool = pool(1, 10);
    RecordingEnd client = ask(pool, a);
    EmbeddedChannel channel = connect(0);
    settings(channel, 10);
    pool.retire();
    main.runPendingTasks();
    assertThat(channel.isOpen()).isTrue();
    client.peer().reset(StreamEnd.CANCEL);
    main.runPendingTasks();
    channel.runPendingTasks();
    main.runPendingTasks();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void anOldConnectionIsReplacedBeforeItLeaves() {
    Http2Pool pool = pool(1, 10);
    RecordingEnd client = ask(pool, a);
    EmbeddedChannel old = connect(0);
    settings(old, 10);
    long later = System.nanoTime() + 11 * 60 * 1_000_000_000L;
    old.pipeline().get(Http2UpstreamConnection.class).sweep(later);
    assertThat(connector.attempts).hasSize(2);
    assertThat(waits(ask(pool, a))).as("still by the old one").isFalse();

    settings(connect(1), 10);
    ask(pool, a);
    assertThat(pool.underWay()).as("only what goes by the new one").isEqualTo(1);
    assertThat(old.isOpen()).as("requests are under way").isTrue();
    clients.forEach(one -> {
      if (one.peer() != null) {
        one.peer().reset(StreamEnd.CANCEL);
      }
    });
    main.runPendingTasks();
    old.runPendingTasks();
    main.runPendingTasks();
    assertThat(old.isOpen()).isFalse();
    assertThat(waits(client)).isFalse();
  }

  @Test
  void aSecondEndpointGetsWhatWaitsForASlowConnect() {
    FakeConnector second = new FakeConnector(loop);
    home.other =
        new Http2Pool(
            second, new FakeHome(), new CodecSettings(64 << 10, 0, 0, 0, 0, 0, true), 1, 9);
    Http2Pool pool = pool(1, 10);
    RecordingEnd client = ask(pool, a);
    main.advanceTimeBy(250, java.util.concurrent.TimeUnit.MILLISECONDS);
    main.runScheduledPendingTasks();
    main.runPendingTasks();
    assertThat(home.told).containsExactly("slow");
    assertThat(pool.takesConnections()).isFalse();

    EmbeddedChannel channel = second.attempts.get(0).succeed();
    settings(channel, 10);
    assertThat(waits(client)).isFalse();
    client.peer().reset(StreamEnd.CANCEL);
    main.runPendingTasks();
    channel.finishAndReleaseAll();
  }

  /** Opens a stream and has its client go away. */
  private void cancelled(Http2Pool pool, TenantMemoryShare tenant) {
    RecordingEnd client = ask(pool, tenant);
    assertThat(waits(client)).isFalse();
    client.peer().reset(StreamEnd.CANCEL);
    main.runPendingTasks();
  }

  @Test
  void aTenantThatCancelsManyCallsGetsAConnectionThatNobodyElseGets() {
    Http2Pool pool = pool(1, 10);
    RecordingEnd other = ask(pool, b);
    EmbeddedChannel shared = connect(0);
    settings(shared, 250);
    for (int i = 0; i < ResetPacing.SHARED; i++) {
      cancelled(pool, a);
    }
    assertThat(connector.attempts).as("beyond what is configured").hasSize(2);
    RecordingEnd next = ask(pool, a);
    assertThat(waits(next)).as("it does not get the shared one any more").isTrue();
    assertThat(waits(ask(pool, b))).as("others do").isFalse();
    settings(connect(1), 250);
    assertThat(waits(next)).isFalse();
    assertThat(other.peer().linked()).isTrue();
  }

  @Test
  void cancelledCallsAreAsManyAsTheStreamsThatTheUpstreamTakesAndTheRestWaits() {
    Http2Pool pool = pool(1, 100);
    RecordingEnd first = ask(pool, a);
    EmbeddedChannel channel = connect(0);
    settings(channel, 10);
    for (int i = 0; i < 19; i++) {
      cancelled(pool, a);
    }
    RecordingEnd next = ask(pool, a);
    assertThat(waits(next)).isTrue();
    connector.nanoTime += ResetPacing.OCCUPIED_NANOS;
    pool.swept();
    assertThat(waits(next)).isFalse();
    assertThat(first.peer().linked()).isTrue();
  }

  @Test
  void aStreamThatEndsHoweverThatComesGivesItsPlaceBack() {
    Http2Pool[] made = new Http2Pool[1];
    home.bound =
        new ConcurrencyBound(
            new ConcurrencyConfig(1, 1, 1, 150, Duration.ofSeconds(2)),
            1,
            () -> connector.nanoTime,
            () -> made[0].serveSoon(),
            null);
    made[0] = pool(1, 10);
    RecordingEnd answered = ask(made[0], a);
    RecordingEnd cancelled = ask(made[0], a);
    RecordingEnd broken = ask(made[0], b);
    RecordingEnd last = ask(made[0], a);
    EmbeddedChannel channel = connect(0);
    settings(channel, 100);
    assertThat(List.of(answered, cancelled, broken, last))
        .extracting(Http2PoolTest::waits)
        .containsExactly(false, true, true, true);
    head(channel, FIRST, true);
    assertThat(waits(broken)).as("the other tenant's turn").isFalse();
    frames(channel, "000004" + "03" + "00" + String.format("%08x", SECOND) + "00000002");
    assertThat(waits(cancelled)).isFalse();
    assertThat(waits(last)).isTrue();
    cancelled.peer().reset(StreamEnd.CANCEL);
    main.runPendingTasks();
    assertThat(waits(last)).isFalse();
  }
}
