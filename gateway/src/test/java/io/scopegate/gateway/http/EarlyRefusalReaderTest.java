package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Behind it the reader that keeps RFC 9113, as on a connection. */
class EarlyRefusalReaderTest {
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int DATA = 0;
  private static final int HEADERS = 1;

  private final Http2Connection connection = new DefaultHttp2Connection(true);
  private final EarlyRefusalReader reader =
      new EarlyRefusalReader(new DefaultHttp2FrameReader(), connection);
  private final StreamStateReader check = new StreamStateReader(reader, connection);
  private final List<Integer> data = new ArrayList<>();
  private final List<Integer> updates = new ArrayList<>();
  private final Http2FrameAdapter listener =
      new Http2FrameAdapter() {
        @Override
        public int onDataRead(
            ChannelHandlerContext c, int id, ByteBuf b, int padding, boolean end) {
          data.add(id);
          return b.readableBytes() + padding;
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext c, int id, int increment) {
          updates.add(id);
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext c, Http2Settings s) {
          settings.add("read");
        }
      };
  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());

  @BeforeEach
  void controlFlow() throws Http2Exception {
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
    int flags = (type == HEADERS ? END_HEADERS : 0) | (end ? END_STREAM : 0);
    // one indexed field, or one byte of a body
    ByteBuf frame = Unpooled.buffer().writeMedium(1).writeByte(type).writeByte(flags).writeInt(id);
    frame.writeByte(0x82);
    try {
      ChannelHandlerContext c = channel.pipeline().firstContext();
      check.readFrame(c, frame, listener);
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

  private final List<Integer> asked = new ArrayList<>();
  private final List<Integer> toldToStop = new ArrayList<>();
  private final List<String> settings = new ArrayList<>();
  private int resets;

  /** Every call whose id is not 1. */
  private void refuseEarly() {
    reader.askFirst(
        new EarlyRefusalReader.Early() {
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
          public void resetComes() {
            resets++;
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
    assertThat(resets).isEqualTo(1);
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

  @Test
  void letsEverythingPassWhileNobodyRefuses() throws Http2Exception {
    read(HEADERS, 1, false);
    connection.remote().createStream(1, false);
    read(DATA, 1, true);

    assertThat(data).containsExactly(1);
  }

  @Test
  void keepsTheConnectionsOwnWindowUpdatesApartFromThoseOfCalls() throws Http2Exception {
    refuseEarly();
    read(HEADERS, 3, false);
    readFrame(8, 0, 100);
    readFrame(8, 3, 100);

    assertThat(updates).containsExactly(0);
  }
}
