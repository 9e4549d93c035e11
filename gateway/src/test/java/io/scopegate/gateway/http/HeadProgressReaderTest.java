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
}
