package io.scopegate.gateway.warmup;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersDecoder;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.scopegate.gateway.exchange.NeutralHeads;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client that is not made of the gateway's parts: one HTTP/2 connection with a few requests, as
 * those clients write it that come later. How many requests come at once, where their bytes are cut
 * and how heads are encoded differs from one visit to the next, so that what the JVM compiles holds
 * for all of them. On its event loop only.
 */
final class Visitor extends ByteToMessageDecoder {
  /**
   * Requests of one connection: few, so that beginnings are seen often; together their bodies are
   * smaller than what may be sent before the gateway has given any credit.
   */
  static final int REQUESTS = 40;

  private static final int FRAME_HEAD_BYTES = 9;

  /** Requests that come together: mostly one, as at a low rate. */
  private static final int[] AT_ONCE = {1, 1, 2, 1, 9, 1};

  /** The share in a hundred of what is written that comes first; the rest comes a turn later. */
  private static final int[] CUTS = {100, 100, 60, 100, 3, 100, 97};

  /** Who sent it, and hears of it. */
  interface Host {
    /** One more request is sent; gives its number. */
    int asked();

    /** A request has ended. */
    void answered(boolean asExpected);

    /** Runs it soon, unless all is over. */
    void next(Runnable step);

    /** The connection is closed. */
    void left();
  }

  /** A request without its whole answer. */
  private static final class Asked {
    private final Call call;
    private int status = -1;

    Asked(Call call) {
      this.call = call;
    }

    void head(Http2Headers head) {
      status =
          call.grpc()
              ? NeutralHeads.grpcStatus(head, status)
              : head.status() == null ? status : NeutralHeads.status(head);
    }

    boolean isAsExpected() {
      return status == call.answer();
    }
  }

  private final int visit;
  private final List<Call> calls;
  private final Host host;
  private final RequestWriter writer;
  private final Http2HeadersDecoder heads = new DefaultHttp2HeadersDecoder(false);
  private final IntObjectMap<Asked> open = new IntObjectHashMap<>();
  private @Nullable ByteBuf rest;
  private boolean begun;
  private int bursts;
  private int left = REQUESTS;

  /**
   * Of one visit.
   *
   * @param visit its number
   * @param calls what to choose from
   */
  Visitor(int visit, List<Call> calls, Host host) {
    this.visit = visit;
    this.calls = calls;
    this.host = host;
    this.writer = new RequestWriter(visit);
  }

  @Override
  public void channelActive(ChannelHandlerContext c) {
    ByteBuf out = c.alloc().buffer();
    writer.preface(out);
    if (visit % 2 == 0) {
      begin(c, out); // curl does not wait for the gateway's SETTINGS, Go does
    } else {
      c.writeAndFlush(out);
    }
  }

  private void begin(ChannelHandlerContext c, ByteBuf out) {
    begun = true;
    burst(c, out);
  }

  private void burst(ChannelHandlerContext c, ByteBuf out) {
    int many = Math.min(left, AT_ONCE[(visit + bursts) % AT_ONCE.length]);
    for (int i = 0; i < many; i++) {
      int number = host.asked();
      Call call = calls.get(number % calls.size());
      open.put(writer.request(call, number, out), new Asked(call));
    }
    left -= many;
    write(c, out, CUTS[(visit + bursts++) % CUTS.length]);
  }

  private void write(ChannelHandlerContext c, ByteBuf out, int percent) {
    int first = Math.max(1, out.readableBytes() * percent / 100);
    if (first < out.readableBytes()) {
      c.writeAndFlush(out.readRetainedSlice(first));
      rest = out;
      c.executor().execute(() -> writeRest(c)); // the gateway has read the first part by then
    } else {
      c.writeAndFlush(out);
    }
  }

  private void writeRest(ChannelHandlerContext c) {
    ByteBuf out = rest;
    if (out != null) {
      rest = null;
      c.writeAndFlush(out);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext c, ByteBuf in, List<Object> out)
      throws Http2Exception {
    if (in.readableBytes() < FRAME_HEAD_BYTES) {
      return;
    }
    int length = in.getUnsignedMedium(in.readerIndex());
    if (in.readableBytes() < FRAME_HEAD_BYTES + length) {
      return;
    }
    in.skipBytes(Integer.BYTES - 1);
    byte type = in.readByte();
    int flags = in.readUnsignedByte();
    int stream = Http2CodecUtil.readUnsignedInt(in);
    frame(c, type, flags, stream, in.readSlice(length));
  }

  private void frame(ChannelHandlerContext c, byte type, int flags, int stream, ByteBuf payload)
      throws Http2Exception {
    boolean flag = (flags & 1) != 0; // END_STREAM or ACK
    switch (type) {
      case Http2FrameTypes.SETTINGS -> settings(c, flag);
      case Http2FrameTypes.PING -> ping(c, flag, payload);
      case Http2FrameTypes.HEADERS -> head(c, stream, heads.decodeHeaders(stream, payload), flag);
      case Http2FrameTypes.DATA -> data(c, stream, payload.readableBytes(), flag);
      case Http2FrameTypes.RST_STREAM -> ended(c, open.remove(stream), false);
      default -> {} // credit, of which there is enough
    }
  }

  private void settings(ChannelHandlerContext c, boolean isAck) {
    if (isAck) {
      return;
    }
    ByteBuf out = c.alloc().buffer();
    writer.settingsAck(out);
    reply(c, out);
    if (!begun) {
      begin(c, c.alloc().buffer());
    }
  }

  private void ping(ChannelHandlerContext c, boolean isAck, ByteBuf payload) {
    if (!isAck) {
      ByteBuf out = c.alloc().buffer();
      writer.pingAck(payload, out);
      reply(c, out);
    }
  }

  /** Not in the middle of a frame. */
  private void reply(ChannelHandlerContext c, ByteBuf out) {
    writeRest(c);
    c.writeAndFlush(out);
  }

  private void head(ChannelHandlerContext c, int stream, Http2Headers head, boolean isEnd) {
    Asked asked = open.get(stream);
    if (asked != null) {
      asked.head(head);
      if (isEnd) {
        ended(c, open.remove(stream), asked.isAsExpected());
      }
    }
  }

  private void data(ChannelHandlerContext c, int stream, int bytes, boolean isEnd) {
    Asked asked = open.get(stream);
    if (asked != null && isEnd) {
      ended(c, open.remove(stream), asked.isAsExpected());
    } else if (bytes > 0) {
      ByteBuf out = c.alloc().buffer();
      writer.credit(stream, bytes, out);
      reply(c, out);
    }
  }

  private void ended(ChannelHandlerContext c, @Nullable Asked asked, boolean isAsExpected) {
    if (asked == null) {
      return;
    }
    host.answered(isAsExpected);
    if (!open.isEmpty()) {
      return;
    }
    if (left > 0) {
      host.next(() -> burst(c, c.alloc().buffer()));
    } else {
      c.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext c) throws Exception {
    super.channelInactive(c);
    writeRest(c); // which releases it
    host.left();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext c, Throwable cause) {
    host.answered(false);
    c.close();
  }
}
