package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeadProgressReaderTest {
  private static final int HEADERS = 1;
  private static final int PING = 6;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;

  private final HeadProgressReader reader =
      new HeadProgressReader(new DefaultHttp2HeadersDecoder());
  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final ByteBuf in = Unpooled.buffer();

  @AfterEach
  void close() {
    reader.close();
    in.release();
    channel.finishAndReleaseAll();
  }

  private static ByteBuf frame(int type, int flags, int id, int length) {
    ByteBuf frame =
        Unpooled.buffer().writeMedium(length).writeByte(type).writeByte(flags).writeInt(id);
    for (int i = 0; i < length; i++) {
      frame.writeByte(0x90); // accept-encoding: gzip, deflate
    }
    return frame;
  }

  private void read(ByteBuf bytes, int n) throws Http2Exception {
    in.writeBytes(bytes, n);
    reader.readFrame(channel.pipeline().firstContext(), in, new Http2FrameAdapter());
  }

  private void read(ByteBuf bytes) throws Http2Exception {
    read(bytes, bytes.readableBytes());
    bytes.release();
  }

  @Test
  void seesAHeadThatIsContinuedAndItsEnd() throws Http2Exception {
    read(frame(HEADERS, 0, 1, 1));
    assertThat(reader.isHeadOpen()).isTrue();
    int frames = reader.frames();

    read(frame(CONTINUATION, 0, 1, 1));
    assertThat(reader.isHeadOpen()).isTrue();
    assertThat(reader.frames()).isEqualTo(frames);

    read(frame(CONTINUATION, END_HEADERS, 1, 1));
    assertThat(reader.isHeadOpen()).isFalse();
    assertThat(reader.frames()).isGreaterThan(frames);
  }

  @Test
  void seesAHeadWhoseFrameIsNotWhole() throws Http2Exception {
    ByteBuf head = frame(HEADERS, END_HEADERS, 1, 3);
    read(head, 10);
    assertThat(reader.isHeadOpen()).isTrue();

    read(head, 1);
    assertThat(reader.isHeadOpen()).isTrue();

    read(head);
    assertThat(reader.isHeadOpen()).isFalse();
  }

  @Test
  void seesAHeadThatBeginsBehindOthersInOneRead() throws Http2Exception {
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf one :
        new ByteBuf[] {
          frame(HEADERS, END_HEADERS, 1, 2), frame(PING, 0, 0, 8), frame(HEADERS, 0, 3, 2)
        }) {
      all.writeBytes(one);
      one.release();
    }
    read(all);

    assertThat(reader.isHeadOpen()).isTrue();
    assertThat(reader.frames()).isEqualTo(2);
  }

  @Test
  void takesNoOtherFrameThatIsNotWholeForAHead() throws Http2Exception {
    ByteBuf ping = frame(PING, 0, 0, 8);
    read(ping, 12);

    assertThat(reader.isHeadOpen()).isFalse();
    ping.release();
  }

  private static ByteBuf frames(int... lengths) {
    ByteBuf all = Unpooled.buffer();
    for (int length : lengths) {
      ByteBuf one = frame(PING, 0, 0, length);
      all.writeBytes(one);
      one.release();
    }
    return all;
  }

  @Test
  void piecesAreWholeFrames() {
    ByteBuf next = frames(8, 8, 8, 8);
    assertThat(reader.wholeFrames(next, 40)).isEqualTo(2 * 17);
    assertThat(reader.wholeFrames(next, 34)).isEqualTo(2 * 17);
    assertThat(reader.wholeFrames(next, 33)).isEqualTo(17);
    assertThat(reader.wholeFrames(next, 1_000)).isEqualTo(4 * 17);
    next.release();
  }

  @Test
  void aFrameThatIsLargerThanAPieceIsOne() {
    ByteBuf next = frames(100, 8);
    assertThat(reader.wholeFrames(next, 40)).isEqualTo(109);
    next.release();
  }

  @Test
  void aFrameThatEndsLaterIsTakenAsFarAsItCame() {
    ByteBuf next = frames(8, 100);
    next.writerIndex(50);
    assertThat(reader.wholeFrames(next, 40)).isEqualTo(17);
    next.readerIndex(17);
    assertThat(reader.wholeFrames(next, 20)).isEqualTo(33);
    next.release();
  }

  @Test
  void theRestOfAFrameComesFirst() throws Http2Exception {
    ByteBuf next = frames(8, 8, 8);
    read(next.readSlice(12), 12);
    assertThat(reader.wholeFrames(next, 8)).isEqualTo(5);
    assertThat(reader.wholeFrames(next, 30)).isEqualTo(5 + 17);
    next.release();
  }

  @Test
  void withHalfAHeaderPiecesEndAnywhere() throws Http2Exception {
    ByteBuf next = frames(8, 8, 8);
    read(next.readSlice(4), 4);
    assertThat(reader.wholeFrames(next, 20)).isEqualTo(20);
    next.release();
  }
}
