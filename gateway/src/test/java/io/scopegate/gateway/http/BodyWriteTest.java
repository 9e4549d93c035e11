package io.scopegate.gateway.http;

import static io.scopegate.gateway.http.FramePeer.head;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.scopegate.gateway.exchange.StreamEnd;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client with small windows is answered. */
class BodyWriteTest {
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int WINDOW = 100;
  private static final int MAX_FRAME = 16_384;

  private final EmbeddedChannel wire = new EmbeddedChannel();
  private final RecordingHandler handler = new RecordingHandler(wire);
  private final FramePeer client = new FramePeer(wire);
  private final Http2ServerConnection connection =
      Http2ServerConnection.create(handler.loop, handler, handler.http2, RecordingHandler.LIMITS);

  @BeforeEach
  void speakHttp2() {
    wire.freezeTime();
    wire.pipeline().addLast(connection);
    client.preface().settings(INITIAL_WINDOW_SIZE, WINDOW).ack();
    client.window(0, 1 << 20);
    client.received();
    client.headers(1, head("POST", "/x"), true);
    handler.last().answerHead("200");
    client.received();
  }

  @AfterEach
  void close() {
    RecordingHandler.lose(wire);
    wire.finishAndReleaseAll();
    handler.close();
    assertThat(handler.loop.exchanges()).isZero();
    assertThat(handler.loop.budget.heldBytes()).isZero();
  }

  private void answer(int bytes, boolean last) {
    handler.last().answerMore("x".repeat(bytes), last);
  }

  @Test
  void goesOutInThePiecesThatTheWindowAllows() {
    answer(250, true);
    assertThat(client.received()).containsExactly("DATA 1 100 bytes");

    assertThat(client.window(1, 30).received()).containsExactly("DATA 1 30 bytes");
    assertThat(handler.loop.budget.heldBytes()).isGreaterThanOrEqualTo(250);

    assertThat(client.window(1, 120).received()).containsExactly("DATA 1 end 120 bytes");
    assertThat(handler.loop.budget.heldBytes()).isZero();
  }

  @Test
  void isNoLargerThanAFrame() {
    client.window(1, 1 << 20).received();

    answer(2 * MAX_FRAME + 5, true);

    assertThat(client.received())
        .containsExactly(
            "DATA 1 " + MAX_FRAME + " bytes", "DATA 1 " + MAX_FRAME + " bytes", "DATA 1 end xxxxx");
  }

  @Test
  void keepsItsOrderAndItsEnd() {
    answer(90, false);
    answer(90, false);
    handler.last().answerTrailers("grpc-status", "0");
    assertThat(client.received()).containsExactly("DATA 1 90 bytes", "DATA 1 xxxxxxxxxx");

    assertThat(client.window(1, 80).received())
        .containsExactly("DATA 1 80 bytes", "HEADERS 1 end grpc-status=0");
  }

  @Test
  void anEndWithoutBytesNeedsNoWindow() {
    answer(100, false);
    answer(0, true);

    assertThat(client.received()).containsExactly("DATA 1 100 bytes", "DATA 1 end ");
    assertThat(connection.connection().numActiveStreams()).isZero();
  }

  @Test
  void noBytesAreNoFrame() {
    answer(0, false);
    assertThat(client.received()).isEmpty();
    answer(3, true);
    assertThat(client.received()).containsExactly("DATA 1 end xxx");
  }

  @Test
  void whatWaitsIsDroppedWithItsStream() {
    answer(250, false);
    answer(50, true);
    client.received();

    client.reset(1, (int) StreamEnd.CANCEL);

    assertThat(handler.loop.budget.heldBytes()).isZero();
    assertThat(client.received()).noneMatch(f -> f.startsWith("GOAWAY"));
    assertThat(wire.isOpen()).isTrue();
  }

  @Test
  void whatWaitsIsDroppedWithItsConnection() {
    answer(250, false);
    client.received();

    RecordingHandler.lose(wire);

    assertThat(handler.loop.budget.heldBytes()).isZero();
    assertThat(handler.last().calls).contains("reset " + StreamEnd.CANCEL);
  }

  @Test
  void aWriteThatFailsEndsTheConnection() {
    connection.ctx().pipeline().addFirst(new FailingWrites(new ClosedChannelException()));

    answer(10, true);
    client.received();

    assertThat(handler.loop.budget.heldBytes()).isZero();
    assertThat(connection.connection().numActiveStreams()).isZero();
  }
}
