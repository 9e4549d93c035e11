package io.scopegate.gateway.http;

import static io.scopegate.gateway.http.FramePeer.head;
import static io.scopegate.gateway.http.RecordingHandler.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.scopegate.gateway.exchange.StreamEnd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Http2ServerConnectionTest {
  private static final int HEADER_TABLE_SIZE = 1;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int CALM = (int) Http2Error.ENHANCE_YOUR_CALM.code();
  private static final int PROTOCOL_ERROR = (int) Http2Error.PROTOCOL_ERROR.code();
  private static final long DRAIN_PING = 0x64726169L;

  /** Its client can stop to read. */
  private static final class Wire extends EmbeddedChannel {
    boolean stuck;

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
      if (!stuck) {
        super.doWrite(in);
      }
    }
  }

  private final Wire wire = new Wire();
  private final RecordingHandler handler = new RecordingHandler(wire);
  private final FramePeer client = new FramePeer(wire);
  private final Http2ServerConnection connection =
      Http2ServerConnection.create(handler.loop, handler, handler.http2, RecordingHandler.LIMITS);

  @BeforeEach
  void speakHttp2() {
    wire.freezeTime(); // the loop's own sweeps go by the real clock, and tests by one of their own
    wire.pipeline().addLast(connection);
    client.preface().settings().ack();
    assertThat(client.received()).contains("SETTINGS");
  }

  @AfterEach
  void close() {
    wire.stuck = false;
    RecordingHandler.lose(wire);
    wire.finishAndReleaseAll();
    handler.close();
    assertThat(handler.loop.exchanges()).isZero();
    assertThat(handler.loop.clients()).isZero();
  }

  private void sweepAfter(long nanos) {
    sweepAt(System.nanoTime() + nanos);
  }

  private void sweepAt(long nanoTime) {
    connection.sweep(nanoTime);
    wire.runPendingTasks();
  }

  private void get(int id) {
    client.headers(id, head("GET", "/x"), true);
  }

  private void post(int id) {
    client.headers(id, head("POST", "/x"), false);
  }

  @Test
  void handsARequestOnAndItsAnswerBack() {
    post(1);
    client.data(1, "hello", true);
    RecordingHandler.Upstream upstream = handler.last();
    assertThat(upstream.calls).containsExactly("hello true");
    assertThat(upstream.exchange.context().http2()).isTrue();

    upstream.answerHead("200");
    upstream.answerMore("one", false);
    upstream.answerTrailers("grpc-status", "0");

    assertThat(client.received())
        .containsSubsequence("HEADERS 1 :status=200", "DATA 1 one", "HEADERS 1 end grpc-status=0");
  }

  @Test
  void takesWhatHeadsMayNotHaveOutOfTrailers() {
    post(1);
    client.data(1, "x", false);
    client.headers(
        1, new DefaultHttp2Headers().add("x-sum", "1").add("authorization", "Bearer t"), true);

    assertThat(handler.last().calls).containsExactly("x false", "trailers [x-sum]");
  }

  // ---- resets

  @Test
  void cancelsWhatTheClientResets() {
    post(1);
    client.reset(1, (int) StreamEnd.CANCEL);

    assertThat(handler.last().calls).containsExactly("reset " + StreamEnd.CANCEL);
    assertThat(handler.last().exchange.record.aborted).isTrue();
  }

  @Test
  void dropsWhatWasUnderWayWhenAnAnsweredStreamWasReset() {
    handler.refuseAll();
    post(1);
    client.received();
    client.data(1, "x".repeat(16_000), false).data(1, "x".repeat(16_000), false);
    client.data(1, "x".repeat(16_000), false);
    assertThat(client.received()).contains("RST 1 " + StreamEnd.NO_ERROR);

    for (int i = 0; i < 10; i++) {
      client.data(1, "x".repeat(1_000), false);
    }
    client.data(1, "x", true);
    get(3);

    assertThat(client.received()).noneMatch(f -> f.startsWith("GOAWAY") || f.startsWith("RST"));
    assertThat(handler.requests).hasSize(2);
  }

  @Test
  void resetsAnAnsweredStreamWhoseRestDoesNotCome() {
    handler.refuseAll();
    post(1);
    assertThat(client.received()).noneMatch(f -> f.startsWith("RST"));

    handler.last().exchange.client().abort();
    assertThat(client.received()).contains("RST 1 " + StreamEnd.CANCEL);
  }

  @Test
  void keepsTheConnectionOfAMalformedHead() {
    client.headers(1, head("GET", "/x").add("x-bad", "a\nb"), false);
    client.data(1, "body", true);
    get(3);

    assertThat(client.received())
        .contains("RST 1 " + PROTOCOL_ERROR)
        .noneMatch(f -> f.startsWith("GOAWAY"));
    assertThat(handler.requests).hasSize(1);
  }

  @Test
  void refusesExtendedConnectWhichWasNotOffered() {
    client.headers(1, head("CONNECT", "/x").add(":protocol", "websocket"), false);
    client.headers(3, head("GET", "/x").add(":protocol", "websocket"), true);

    assertThat(client.received()).contains("RST 1 " + PROTOCOL_ERROR, "RST 3 " + PROTOCOL_ERROR);
    assertThat(handler.requests).isEmpty();
    assertThat(wire.isOpen()).isTrue();
  }

  @Test
  void endsAConnectionThatMakesItResetStreamsWithoutEnd() {
    int id = 1;
    for (; id < 2 * CodecSettings.MAX_RESETS + 100 && wire.isOpen(); id += 2) {
      get(id);
      client.window(id, 0);
      client.received();
    }
    assertThat(wire.isOpen()).isFalse();
    assertThat(id / 2).isGreaterThanOrEqualTo(CodecSettings.MAX_RESETS);
  }

  // ---- who does not read

  @Test
  void refusalsWaitForAWindowWithTheirReasons() {
    client.settings(INITIAL_WINDOW_SIZE, 0);
    handler.refuseAll();
    get(1);
    assertThat(client.received())
        .anyMatch(f -> f.startsWith("HEADERS 1 :status=403"))
        .noneMatch(f -> f.startsWith("DATA"));

    client.window(1, 10_000);

    assertThat(client.received()).anyMatch(f -> f.startsWith("DATA 1 end"));
    assertThat(handler.loop.exchanges()).isZero();
  }

  @Test
  void refusesWithoutABodyWhereWaitingReasonsBecomeTooMany() {
    client.settings(INITIAL_WINDOW_SIZE, 0);
    handler.refuseAll();
    int waiting = RecordingHandler.MAX_REQUESTS / 3; // one more is more than half of what is free
    for (int i = 0; i < waiting; i++) {
      get(2 * i + 1);
    }
    client.received();
    int next = 2 * waiting + 1;
    get(next);

    assertThat(client.received())
        .anyMatch(f -> f.startsWith("HEADERS " + next + " end :status=403"))
        .noneMatch(f -> f.contains("content-length") || f.startsWith("DATA"));
    assertThat(connection.connection().numActiveStreams()).isEqualTo(waiting);
    assertThat(handler.loop.exchanges()).isEqualTo(waiting);
  }

  @Test
  void refusesWithoutABodyOnceTheConnectionHasNoWindow() {
    handler.refuseAll();
    int id = 1;
    for (; id < 2_000; id += 2) {
      get(id);
    }
    long bodies = client.received().stream().filter(f -> f.startsWith("DATA")).count();

    assertThat(bodies).isPositive().isLessThan(id / 2);
    assertThat(handler.loop.exchanges()).isLessThanOrEqualTo(RecordingHandler.MAX_REQUESTS / 3 + 1);
  }

  @Test
  void givesARefusalItsReasonWhereThereIsAWindow() {
    handler.refuseAll();
    get(1);

    assertThat(client.received())
        .anyMatch(f -> f.startsWith("HEADERS 1 :status=403") && f.contains("content-length"))
        .anyMatch(f -> f.startsWith("DATA 1 end"));
  }

  @Test
  void readsNoMoreFromAClientThatDoesNotReadUntilItDoes() {
    handler.refuseAll();
    wire.stuck = true;
    int id = 1;
    for (; id < 2_000 && wire.config().isAutoRead(); id += 2) {
      get(id);
      wire.runPendingTasks();
    }
    assertThat(id).isLessThan(2_000);

    wire.stuck = false;
    wire.flush();
    assertThat(wire.config().isAutoRead()).isTrue();
    assertThat(handler.loop.exchanges()).isZero();
  }

  @Test
  void keepsANewConnectionWhoseManyAnswersHaveNotWaitedYet() {
    client.settings(INITIAL_WINDOW_SIZE, 0);
    waitingAnswers(0, 150);
    sweepAfter(0); // the first one

    assertThat(client.received()).noneMatch(f -> f.startsWith("GOAWAY"));
    assertThat(wire.isOpen()).isTrue();
  }

  @Test
  void endsAConnectionThatReadsNoneOfItsManyAnswers() {
    long begun = System.nanoTime(); // one clock: what passes meanwhile must not count
    client.settings(INITIAL_WINDOW_SIZE, 0);
    waitingAnswers(0, 100);
    sweepAt(begun);
    sweepAt(begun + 11 * SECOND);
    assertThat(client.received()).noneMatch(f -> f.startsWith("GOAWAY"));

    client.window(1, 5); // one of them is read
    waitingAnswers(100, 102);
    sweepAt(begun + 12 * SECOND);
    sweepAt(begun + 21 * SECOND);
    assertThat(client.received()).noneMatch(f -> f.startsWith("GOAWAY"));
    sweepAt(begun + 23 * SECOND);

    assertThat(client.received()).contains("GOAWAY 2147483647 " + CALM);
    assertThat(wire.isOpen()).isFalse();
  }

  private void waitingAnswers(int from, int to) {
    for (int i = from; i < to; i++) {
      get(2 * i + 1);
      handler.last().answer("200", "hello");
    }
  }

  // ---- time

  @Test
  void closesAConnectionWhoseHeadDoesNotEnd() {
    get(1);
    handler.last().answer("204", "");
    client.halfHead(3, head("GET", "/x")).continuation(3, false);
    sweepAfter(0);
    client.continuation(3, false);
    sweepAfter(9 * SECOND);
    assertThat(wire.isOpen()).isTrue();

    sweepAfter(11 * SECOND);
    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void leavesAConnectionAloneWhoseHeadsEnd() {
    get(1);
    handler.last().answer("204", "");
    client.halfHead(3, head("GET", "/x"));
    sweepAfter(0);
    client.continuation(3, true);
    client.halfHead(5, head("GET", "/x"));
    sweepAfter(11 * SECOND);
    client.continuation(5, true);

    assertThat(wire.isOpen()).isTrue();
    assertThat(handler.requests).hasSize(3);
  }

  @Test
  void asksAConnectionToGoThatSendsNoFirstRequest() {
    sweepAfter(9 * SECOND);
    assertThat(client.received()).isEmpty();

    sweepAfter(11 * SECOND);
    assertThat(client.received()).contains("GOAWAY 2147483647 0");
  }

  @Test
  void asksAConnectionToGoThatIsIdle() {
    get(1);
    handler.last().answer("204", "");
    client.received();
    sweepAfter(11 * SECOND);
    assertThat(client.received()).isEmpty();

    sweepAfter(301 * SECOND);
    assertThat(client.received()).contains("GOAWAY 2147483647 0");
  }

  @Test
  void finishesWhatRunsAndClosesWhenItsClientHasHeard() {
    get(1);
    connection.drain();
    assertThat(client.received()).contains("GOAWAY 2147483647 0", "PING " + DRAIN_PING);

    get(3); // it has not heard yet
    client.pong(DRAIN_PING);
    assertThat(client.received()).contains("GOAWAY 3 0");
    handler.requests.forEach(u -> u.answer("204", ""));
    wire.runPendingTasks();

    assertThat(wire.isOpen()).isFalse();
  }

  @Test
  void closesADrainingConnectionWhoseClientDoesNotAnswer() {
    get(1);
    connection.drain();
    sweepAfter(3 * SECOND);
    assertThat(client.received()).contains("GOAWAY 1 0");
    assertThat(wire.isOpen()).isTrue();

    sweepAfter(21 * SECOND);
    assertThat(wire.isOpen()).isFalse();
  }

  // ---- our table of header fields

  @Test
  void remembersNoMoreOfItsHeadsThanTheUsualTable() {
    client.settings(HEADER_TABLE_SIZE, Integer.MAX_VALUE);
    client.received();

    assertThat(connection.encoder().configuration().headersConfiguration().maxHeaderTableSize())
        .isEqualTo(4096);
  }
}
