package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamStateCheckTest {
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int DATA = 0;
  private static final int HEADERS = 1;

  private final Http2Connection connection = new DefaultHttp2Connection(true);
  private final ConnectionStanding standing = new ConnectionStanding(() -> {});
  private final StreamStateCheck check =
      new StreamStateCheck(new DefaultHttp2FrameReader(), connection, standing);
  private final List<Integer> data = new ArrayList<>();
  private final Http2FrameAdapter listener =
      new Http2FrameAdapter() {
        @Override
        public int onDataRead(
            ChannelHandlerContext c, int id, ByteBuf b, int padding, boolean end) {
          data.add(id);
          return b.readableBytes() + padding;
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext c, Http2Settings s) {
          settings.add("read");
        }
      };
  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());

  @BeforeEach
  void controlFlow() throws Http2Exception {
    standing.letIn();
    DefaultHttp2LocalFlowController flow = new DefaultHttp2LocalFlowController(connection);
    flow.frameWriter(new DefaultHttp2FrameWriter());
    flow.channelHandlerContext(channel.pipeline().firstContext());
    connection.local().flowController(flow);
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void read(int type, int id, boolean end) throws Http2Exception {
    readBy(check, type, id, end);
  }

  private void readBy(StreamStateCheck by, int type, int id, boolean end) throws Http2Exception {
    int flags = (type == HEADERS ? END_HEADERS : 0) | (end ? END_STREAM : 0);
    // one indexed field, or one byte of a body
    ByteBuf frame = Unpooled.buffer().writeMedium(1).writeByte(type).writeByte(flags).writeInt(id);
    frame.writeByte(0x82);
    try {
      ChannelHandlerContext c = channel.pipeline().firstContext();
      by.readFrame(c, frame, listener);
    } finally {
      frame.release();
    }
  }

  private void readData(int id, int length) throws Http2Exception {
    ByteBuf frame = Unpooled.buffer().writeMedium(length).writeByte(DATA).writeByte(0).writeInt(id);
    frame.writeZero(length);
    try {
      check.readFrame(channel.pipeline().firstContext(), frame, listener);
    } finally {
      frame.release();
    }
  }

  private void open(int id) throws Http2Exception {
    read(HEADERS, id, false);
    connection.remote().createStream(id, false);
  }

  private Http2Exception refused(int type, int id) {
    return catchThrowableOfType(Http2Exception.class, () -> read(type, id, true));
  }

  @Test
  void letsTrailersPass() throws Http2Exception {
    open(1);
    read(DATA, 1, false);
    assertThatCode(() -> read(HEADERS, 1, true)).doesNotThrowAnyException();
  }

  @Test
  void endsTheStreamThatGoesOnAfterItsEnd() throws Http2Exception {
    open(1);
    read(DATA, 1, true);
    connection.stream(1).closeRemoteSide();

    Http2Exception e = refused(HEADERS, 1);

    assertThat(e.error()).isEqualTo(Http2Error.STREAM_CLOSED);
    assertThat(Http2Exception.isStreamError(e)).isTrue();
  }

  @Test
  void endsTheConnectionWhoseClosedStreamGoesOn() throws Http2Exception {
    open(1);
    read(DATA, 1, true);
    connection.stream(1).close();

    Http2Exception e = refused(HEADERS, 1);

    assertThat(e.error()).isEqualTo(Http2Error.STREAM_CLOSED);
    assertThat(Http2Exception.isStreamError(e)).isFalse();
  }

  @Test
  void letsLateTrailersOfAStreamThatWeResetPass() throws Http2Exception {
    open(1);
    connection.stream(1).close();
    assertThatCode(() -> read(HEADERS, 1, true)).doesNotThrowAnyException();
  }

  @Test
  void dropsLateDataOfAStreamThatWeResetAndGivesTheConnectionItsCreditBack() throws Http2Exception {
    open(1);
    connection.stream(1).close();
    for (int i = 0; i < 14; i++) { // more than the connection's window
      readData(1, 16_000);
    }

    assertThat(data).isEmpty();
    assertThat(connection.local().flowController().windowSize(connection.connectionStream()))
        .isPositive();
  }

  @Test
  void leavesDataToNettyOnceItIsMoreThanCanHaveBeenUnderWay() throws Http2Exception {
    open(1);
    connection.stream(1).close();
    for (int i = 0; i < 17; i++) {
      readData(1, 16_000);
    }

    assertThat(data).containsExactly(1);
  }

  @Test
  void leavesDataToNettyOfAStreamThatItsClientReset() throws Http2Exception {
    open(1);
    ByteBuf reset = Unpooled.buffer().writeMedium(4).writeByte(3).writeByte(0).writeInt(1);
    check.readFrame(channel.pipeline().firstContext(), reset.writeInt(8), listener);
    reset.release();
    connection.stream(1).close();
    read(DATA, 1, false);

    assertThat(data).containsExactly(1);
  }

  @Test
  void leavesDataToNettyOfAStreamThatItsClientEnded() throws Http2Exception {
    open(1);
    connection.stream(1).close();
    read(DATA, 1, true);
    read(DATA, 1, false);

    assertThat(data).containsExactly(1);
  }

  @Test
  void endsTheConnectionThatCountsBackwards() throws Http2Exception {
    open(5);

    Http2Exception e = refused(HEADERS, 3);

    assertThat(e.error()).isEqualTo(Http2Error.PROTOCOL_ERROR);
    assertThat(Http2Exception.isStreamError(e)).isFalse();
  }

  /** More streams than it remembers, in the order that a client must keep. */
  @Test
  void neverMindsAClientThatKeepsTheRules() throws Http2Exception {
    Random random = new Random(5);
    for (int id = 1; id < 40_000; id += 2) {
      boolean once = random.nextBoolean();
      read(HEADERS, id, once);
      connection.remote().createStream(id, once);
      if (!once) {
        read(DATA, id, false);
        read(random.nextBoolean() ? DATA : HEADERS, id, true);
      }
      connection.stream(id).close();
    }
    assertThat(connection.remote().lastStreamCreated()).isEqualTo(39_999);
  }

  // ---- calls that are refused without a stream

  private final List<Integer> asked = new ArrayList<>();
  private final List<Integer> toldToStop = new ArrayList<>();
  private final List<String> settings = new ArrayList<>();

  /** Every call whose id is not 1. */
  private void refuseEarly() {
    check.askFirst(
        new StreamStateCheck.Early() {
          @Override
          public boolean refuses(int id, Http2Headers head) {
            asked.add(id);
            return id != 1;
          }

          @Override
          public void bodyGoesOn(int id) {
            toldToStop.add(id);
          }

          @Override
          public void settingsCome() {
            settings.add("told");
          }
        });
  }

  @Test
  void keepsWhatComesOnCallsThatWereRefusedEarlyFromNetty() throws Http2Exception {
    refuseEarly();
    open(1);
    read(HEADERS, 3, false);
    readFrame(8, 3, 100); // WINDOW_UPDATE
    readData(3, 1_000);
    readData(3, 1_000);
    readData(3, 1_000);
    readData(3, 1_000);
    read(HEADERS, 3, true); // its trailers
    read(HEADERS, 5, false);
    readFrame(3, 5, 8); // RST_STREAM
    read(DATA, 1, true);

    assertThat(asked).containsExactly(1, 3, 5);
    assertThat(toldToStop).containsExactly(3);
    assertThat(data).containsExactly(1);
    assertThat(connection.numActiveStreams()).isEqualTo(1);
    assertThat(connection.remote().lastStreamCreated()).isEqualTo(1);
  }

  private void readFrame(int type, int id, int value) throws Http2Exception {
    ByteBuf frame = Unpooled.buffer().writeMedium(4).writeByte(type).writeByte(0).writeInt(id);
    check.readFrame(channel.pipeline().firstContext(), frame.writeInt(value), listener);
    frame.release();
  }

  @Test
  void asksNobodyAboutCallsWithoutABody() throws Http2Exception {
    refuseEarly();
    read(HEADERS, 3, true);

    assertThat(asked).isEmpty();
  }

  @Test
  void tellsWhoRefusesEarlyOfSettingsBeforeTheyAreAcknowledged() throws Http2Exception {
    refuseEarly();
    ByteBuf empty = Unpooled.buffer().writeMedium(0).writeByte(4).writeByte(0).writeInt(0);
    check.readFrame(channel.pipeline().firstContext(), empty, listener);
    empty.release();

    assertThat(settings).containsExactly("told", "read");
  }

  @Test
  void endsTheConnectionWhoseEndedCallGoesOn() throws Http2Exception {
    refuseEarly();
    read(HEADERS, 3, false);
    read(DATA, 3, true);

    assertThat(refused(DATA, 3).error()).isEqualTo(Http2Error.STREAM_CLOSED);
  }

  @Test
  void endsTheConnectionWhoseEndedCallBeginsAgain() throws Http2Exception {
    refuseEarly();
    read(HEADERS, 3, false);
    read(DATA, 3, true);

    assertThat(refused(HEADERS, 3).error()).isEqualTo(Http2Error.STREAM_CLOSED);
  }

  @Test
  void endsTheConnectionWhoseResetCallGoesOn() throws Http2Exception {
    refuseEarly();
    read(HEADERS, 3, false);
    readFrame(3, 3, 8);

    assertThat(refused(DATA, 3).error()).isEqualTo(Http2Error.STREAM_CLOSED);
  }

  @Test
  void endsTheConnectionThatCountsBackwardsAfterACallThatWasRefusedEarly() throws Http2Exception {
    refuseEarly();
    read(HEADERS, 7, false);

    assertThat(refused(HEADERS, 5).error()).isEqualTo(Http2Error.PROTOCOL_ERROR);
  }

  @Test
  void endsTheConnectionThatSendsMoreThanItsWindowsAllow() throws Http2Exception {
    refuseEarly();
    read(HEADERS, 3, false);
    for (int i = 0; i < 16; i++) {
      readData(3, 16_000);
    }
    Http2Exception e = catchThrowableOfType(Http2Exception.class, () -> readData(3, 16_000));

    assertThat(e.error()).isEqualTo(Http2Error.FLOW_CONTROL_ERROR);
  }

  /** More of them than are remembered. */
  @Test
  void neverMindsAFloodOfCallsThatAreRefusedEarly() throws Http2Exception {
    refuseEarly();
    for (int id = 3; id < 40_000; id += 2) {
      read(HEADERS, id, false);
      read(DATA, id, false);
      read(DATA, id, true);
    }
    assertThat(asked).hasSize(19_999);
    assertThat(data).isEmpty();
  }

  /** What it knows of streams is kept while its table grows. */
  @ParameterizedTest
  @ValueSource(ints = {1, 31, 33, 511, 2_001, 5_999})
  void knowsWhichStreamsItsClientEndedHoweverManyFollow(int ended) throws Http2Exception {
    for (int id = 1; id < 6_000; id += 2) {
      open(id);
      read(DATA, id, true);
      connection.stream(id).close();
    }

    assertThat(refused(HEADERS, ended).error()).isEqualTo(Http2Error.STREAM_CLOSED);
  }

  /** Of such a client little is remembered; nothing that it did is taken for something else. */
  @Test
  void letsTrailersPassThatAClientWhichWasNeverLetInSendsOnAStreamForgotten()
      throws Http2Exception {
    StreamStateCheck wary =
        new StreamStateCheck(
            new DefaultHttp2FrameReader(), connection, new ConnectionStanding(() -> {}));
    for (int id = 1; id < 2_001; id += 2) {
      readBy(wary, HEADERS, id, false);
      connection.remote().createStream(id, false).close();
    }

    assertThatCode(() -> readBy(wary, HEADERS, 1, true)).doesNotThrowAnyException();
    Http2Exception again =
        catchThrowableOfType(
            Http2Exception.class,
            () -> {
              readBy(wary, DATA, 1_999, true);
              readBy(wary, HEADERS, 1_999, true);
            });
    assertThat(again.error()).isEqualTo(Http2Error.STREAM_CLOSED);
  }
}
