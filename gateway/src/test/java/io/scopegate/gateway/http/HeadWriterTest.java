package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeadWriterTest {
  private static final int MAX = 256 << 10;

  private final ChannelInboundHandlerAdapter handler = new ChannelInboundHandlerAdapter();
  private final EmbeddedChannel channel = new EmbeddedChannel(handler);
  private final HeadWriter writer = HeadWriter.create(4);
  private final DefaultHttp2FrameReader reader =
      new DefaultHttp2FrameReader(new DefaultHttp2HeadersDecoder(true, true, MAX));

  @AfterEach
  void close() {
    reader.close();
    channel.finishAndReleaseAll();
  }

  @Test
  void writesAHeadAsOneBufferThatReadsTheSame() throws Http2Exception {
    for (boolean end : new boolean[] {true, false, true}) {
      Http2Headers head = head().set("x-request-id", "0123456789abcdef");

      assertThat(read(write(head, end))).isEqualTo(new Received(7, head, end));
    }
  }

  @Test
  void splitsAHeadThatIsLargerThanAFrame() throws Http2Exception {
    Http2Headers head = head();
    for (int i = 0; i < 5; i++) {
      head.add("x-long-" + i, "v".repeat(9_000));
    }

    for (boolean end : new boolean[] {true, false}) {
      assertThat(read(write(head, end))).isEqualTo(new Received(7, head, end));
    }
  }

  @Test
  void keepsWhatDiffersEachTimeFromPushingOutWhatComesAgain() {
    int first = length(write(changing(0), true));
    int second = length(write(changing(1), true));
    assertThat(second).isLessThan(first);

    for (int i = 2; i < 200; i++) {
      assertThat(length(write(changing(i), true))).isEqualTo(second);
    }
  }

  @Test
  void failsThePromiseOfAHeadThatThePeerDoesNotTake() throws Http2Exception {
    writer.configuration().headersConfiguration().maxHeaderListSize(64);

    ChannelHandlerContext ctx = channel.pipeline().context(handler);
    Throwable cause = writer.writeHeaders(ctx, 7, head(), 0, true, ctx.newPromise()).cause();

    assertThat(cause).isInstanceOf(Http2Exception.class);
    channel.flush();
    assertThat(channel.<Object>readOutbound()).isNull();
  }

  @Test
  void remembersNoMoreForAClientThatWouldTakeMore() throws Http2Exception {
    writer.configuration().headersConfiguration().maxHeaderTableSize(1 << 30);
    Http2Headers[] heads = new Http2Headers[40]; // some 8 KiB
    for (int i = 0; i < heads.length; i++) {
      heads[i] = new DefaultHttp2Headers().set("x-" + i, "v".repeat(160));
      length(write(heads[i], true));
    }

    assertThat(writer.configuration().headersConfiguration().maxHeaderTableSize()).isEqualTo(4096);
    assertThat(length(write(heads[39], true))).isLessThan(16);
    assertThat(length(write(heads[0], true))).isGreaterThan(100);
  }

  @Test
  void neverPutsAMessageThatAClientMakesUpIntoTheTable() {
    Http2Headers head = new DefaultHttp2Headers().set("grpc-message", "tenant made-up: unknown");
    int first = length(write(head, true));

    assertThat(length(write(head, true))).isEqualTo(first);
  }

  private record Received(int id, Http2Headers head, boolean end) {}

  private static Http2Headers head() {
    return new DefaultHttp2Headers()
        .status("200")
        .set("content-type", "application/grpc")
        .set("grpc-message", "limit: tenant payments is over something");
  }

  private static Http2Headers changing(int number) {
    return head()
        .set("x-request-id", Integer.toString(1_000_000 + number))
        .set("grpc-status-details-bin", Integer.toString(number + 1000).repeat(50));
  }

  private ByteBuf write(Http2Headers head, boolean end) {
    ChannelHandlerContext ctx = channel.pipeline().context(handler);
    writer.writeHeaders(ctx, 7, head, 0, end, ctx.newPromise());
    channel.flush();
    ByteBuf written = channel.readOutbound();
    assertThat(channel.<Object>readOutbound()).isNull();
    return written;
  }

  private static int length(ByteBuf written) {
    int length = written.readableBytes();
    written.release();
    return length;
  }

  private Received read(ByteBuf frames) throws Http2Exception {
    Received[] received = new Received[1];
    Http2FrameAdapter listener =
        new Http2FrameAdapter() {
          @Override
          public void onHeadersRead(
              ChannelHandlerContext c, int id, Http2Headers h, int padding, boolean end) {
            received[0] = new Received(id, h, end);
          }
        };
    ChannelHandlerContext ctx = channel.pipeline().context(handler);
    while (frames.isReadable()) {
      reader.readFrame(ctx, frames, listener);
    }
    frames.release();
    return received[0];
  }
}
