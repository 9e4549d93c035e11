package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The other end of an HTTP/2 connection: sends any frame, and tells those it got as text. */
final class FramePeer {
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;

  private final EmbeddedChannel channel;
  private final EmbeddedChannel here = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
  private final DefaultHttp2FrameReader reader = new DefaultHttp2FrameReader();
  private final ByteBuf in = Unpooled.buffer();
  private final List<String> frames = new ArrayList<>();

  FramePeer(EmbeddedChannel channel) {
    this.channel = channel;
  }

  /** A request's head. */
  /** Not validated: what is wrong is for the other side to see. */
  static Http2Headers head(String method, String path) {
    return new DefaultHttp2Headers(false).method(method).scheme("http").authority("a").path(path);
  }

  FramePeer preface() {
    channel.writeInbound(Http2CodecUtil.connectionPrefaceBuf());
    return this;
  }

  /** Pairs of identifiers and values. */
  FramePeer settings(int... pairs) {
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < pairs.length; i += 2) {
      payload.writeShort(pairs[i]).writeInt(pairs[i + 1]);
    }
    return send(SETTINGS, 0, 0, payload);
  }

  FramePeer ack() {
    return send(SETTINGS, 1, 0, Unpooled.EMPTY_BUFFER);
  }

  FramePeer headers(int id, Http2Headers head, boolean end) {
    return send(HEADERS, END_HEADERS | (end ? END_STREAM : 0), id, block(id, head));
  }

  /** A head whose end is still to come. */
  FramePeer halfHead(int id, Http2Headers head) {
    return send(HEADERS, END_STREAM, id, block(id, head));
  }

  FramePeer continuation(int id, boolean end) {
    return send(CONTINUATION, end ? END_HEADERS : 0, id, Unpooled.EMPTY_BUFFER);
  }

  private ByteBuf block(int id, Http2Headers head) {
    ByteBuf block = Unpooled.buffer();
    try {
      encoder.encodeHeaders(id, head, block);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
    return block;
  }

  FramePeer data(int id, String text, boolean end) {
    ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    return send(DATA, end ? END_STREAM : 0, id, bytes);
  }

  FramePeer reset(int id, int code) {
    return send(RST_STREAM, 0, id, Unpooled.buffer().writeInt(code));
  }

  FramePeer window(int id, int bytes) {
    return send(WINDOW_UPDATE, 0, id, Unpooled.buffer().writeInt(bytes));
  }

  FramePeer goAway(int last) {
    return send(GOAWAY, 0, 0, Unpooled.buffer().writeInt(last).writeInt(0));
  }

  FramePeer pong(long data) {
    return send(PING, 1, 0, Unpooled.buffer().writeLong(data));
  }

  private FramePeer send(int type, int flags, int id, ByteBuf payload) {
    ByteBuf frame = Unpooled.buffer().writeMedium(payload.readableBytes());
    frame.writeByte(type).writeByte(flags).writeInt(id).writeBytes(payload);
    payload.release();
    channel.writeInbound(frame);
    return this;
  }

  /** The frames that came since the last time, without acknowledgements. */
  List<String> received() {
    channel.runPendingTasks();
    frames.clear();
    for (ByteBuf b; (b = channel.readOutbound()) != null; ) {
      in.writeBytes(b);
      b.release();
    }
    try {
      while (in.isReadable()) {
        reader.readFrame(here.pipeline().firstContext(), in, new Notes());
      }
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
    in.discardReadBytes();
    return List.copyOf(frames);
  }

  /** Drops the preface of a client, which is no frame. */
  FramePeer skipPreface() {
    channel.runPendingTasks();
    ByteBuf b = channel.readOutbound();
    b.skipBytes(Http2CodecUtil.connectionPrefaceBuf().readableBytes());
    in.writeBytes(b);
    b.release();
    return this;
  }

  private final class Notes extends Http2FrameAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext c, int id, Http2Headers h, int padding, boolean end) {
      StringBuilder text = new StringBuilder("HEADERS " + id + (end ? " end" : ""));
      h.forEach(f -> text.append(' ').append(f.getKey()).append('=').append(f.getValue()));
      frames.add(text.toString());
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext c, int id, ByteBuf bytes, int padding, boolean end) {
      int n = bytes.readableBytes();
      String text = n > 20 ? n + " bytes" : bytes.toString(StandardCharsets.US_ASCII);
      frames.add("DATA " + id + (end ? " end " : " ") + text);
      return n;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext c, int id, long code) {
      frames.add("RST " + id + " " + code);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext c, Http2Settings s) {
      frames.add("SETTINGS");
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext c, int id, int increment) {
      frames.add("WINDOW " + id + " " + increment);
    }

    @Override
    public void onPingRead(ChannelHandlerContext c, long data) {
      frames.add("PING " + data);
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext c, int last, long code, ByteBuf debug) {
      frames.add("GOAWAY " + last + " " + code);
    }
  }
}
