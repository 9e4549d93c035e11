package io.scopegate.gateway.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.route.Protocol;
import java.io.ByteArrayOutputStream;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What visitors write is what any reader of HTTP/2 reads, in every accent. */
final class RequestWriterTest {
  private static final int REQUESTS = 12;

  private final List<Call> calls =
      Calls.ofVisitors(Calls.of(EnumSet.allOf(Protocol.class), "a-token", true, false));
  private final Heard heard = new Heard();
  private final ChannelHandlerContext context =
      new EmbeddedChannel(new ChannelInboundHandlerAdapter()).pipeline().firstContext();

  /** What a reader hears. */
  private static final class Heard extends Http2EventAdapter {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final Set<String> tenants = new HashSet<>();
    private Http2Headers head;
    private int ended;

    @Override
    public void onHeadersRead(
        ChannelHandlerContext c, int stream, Http2Headers head, int padding, boolean end) {
      body.reset();
      this.head = head;
      tenants.add(head.get(Calls.TENANT_HEADER).toString());
      ended += end ? 1 : 0;
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext c, int stream, ByteBuf data, int padding, boolean end) {
      byte[] bytes = new byte[data.readableBytes()];
      data.readBytes(bytes);
      body.writeBytes(bytes);
      ended += end ? 1 : 0;
      return bytes.length + padding;
    }
  }

  private ByteBuf read(ByteBuf written, DefaultHttp2FrameReader reader) throws Http2Exception {
    while (written.isReadable()) {
      reader.readFrame(context, written, heard);
    }
    return written;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
  void whatIsWrittenIsReadAsItWasMeant(int accent) throws Http2Exception {
    RequestWriter writer = new RequestWriter(accent);
    try (DefaultHttp2FrameReader reader = new DefaultHttp2FrameReader()) {
      for (int i = 0; i < REQUESTS; i++) {
        Call call = calls.get(i % calls.size());
        ByteBuf out = Unpooled.buffer();

        assertThat(writer.request(call, i, out)).isEqualTo(2 * i + 1);
        read(out, reader).release();

        assertThat(heard.ended).isEqualTo(i + 1);
        assertThat(heard.body.toByteArray()).isEqualTo(call.body());
        assertThat(heard.head.path()).hasToString(call.head().path().toString());
        assertThat(heard.head.get(HttpHeaderNames.AUTHORIZATION)).hasToString("Bearer a-token");
      }
    }
    assertThat(heard.tenants).hasSizeGreaterThan(accent % 4 > 1 ? REQUESTS - 1 : 1);
  }

  @Test
  void aConnectionBeginsWithThePrefaceAndSettings() throws Http2Exception {
    ByteBuf out = Unpooled.buffer();
    ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
    RequestWriter writer = new RequestWriter(0);

    writer.preface(out);

    assertThat(out.readSlice(preface.readableBytes())).isEqualTo(preface);
    writer.settingsAck(out);
    writer.credit(1, 5, out);
    try (DefaultHttp2FrameReader reader = new DefaultHttp2FrameReader()) {
      read(out, reader).release();
    }
    preface.release();
  }

  /** A visit's bodies fit into what may be sent before there is any credit. */
  @Test
  void aVisitNeedsNoCredit() {
    int most = calls.stream().mapToInt(call -> call.body().length).max().orElseThrow();

    assertThat(Visitor.REQUESTS * most).isLessThan(Http2CodecUtil.DEFAULT_WINDOW_SIZE);
  }
}
