package io.scopegate.gateway.warmup;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;

/**
 * Writes what an HTTP/2 client sends, in the accent of one of those that come: whether {@code
 * authorization} gets into the header table (gRPC's own clients) or never does (curl, Node, Envoy),
 * which values are Huffman-coded, in how many frames a body comes, and whether tenants take turns
 * on a connection.
 */
final class RequestWriter {
  private static final int[] HUFFMAN_FROM = {0, 64, Integer.MAX_VALUE};
  private static final int TABLE_HINT = 16;
  private static final int TENANTS = 40;

  /** Some send what stands before a message by itself. */
  private static final int FIRST_FRAME_BYTES = 5;

  private final Http2HeadersEncoder encoder;
  private final boolean hasManyTenants;
  private int lastStream = -1;

  /**
   * For one connection.
   *
   * @param accent a number; the same one, the same accent
   */
  RequestWriter(int accent) {
    boolean isTokenIndexed = accent % 2 == 0;
    encoder =
        new DefaultHttp2HeadersEncoder(
            (name, value) -> !isTokenIndexed && HttpHeaderNames.AUTHORIZATION.contentEquals(name),
            false,
            TABLE_HINT,
            HUFFMAN_FROM[accent % HUFFMAN_FROM.length]);
    hasManyTenants = accent % 4 > 1;
  }

  /** The first bytes of a connection. */
  void preface(ByteBuf out) {
    out.writeBytes(Http2CodecUtil.connectionPrefaceBuf());
    frame(out, 0, Http2FrameTypes.SETTINGS, 0, 0);
  }

  void settingsAck(ByteBuf out) {
    frame(out, 0, Http2FrameTypes.SETTINGS, Http2Flags.ACK, 0);
  }

  void pingAck(ByteBuf payload, ByteBuf out) {
    frame(out, payload.readableBytes(), Http2FrameTypes.PING, Http2Flags.ACK, 0);
    out.writeBytes(payload);
  }

  /** For bytes of an answer that were read. */
  void credit(int stream, int bytes, ByteBuf out) {
    frame(out, Integer.BYTES, Http2FrameTypes.WINDOW_UPDATE, 0, 0);
    out.writeInt(bytes);
    frame(out, Integer.BYTES, Http2FrameTypes.WINDOW_UPDATE, 0, stream);
    out.writeInt(bytes);
  }

  /**
   * A whole request.
   *
   * @return its stream
   */
  int request(Call call, int number, ByteBuf out) {
    lastStream += 2;
    head(call, number, out);
    byte[] body = call.body();
    if (body.length == 0) {
      return lastStream;
    }
    switch (number % 4) {
      case 0 -> { // the end comes by itself
        data(body, 0, body.length, false, out);
        data(body, 0, 0, true, out);
      }
      case 1 -> {
        data(body, 0, FIRST_FRAME_BYTES, false, out);
        data(body, FIRST_FRAME_BYTES, body.length - FIRST_FRAME_BYTES, true, out);
      }
      default -> data(body, 0, body.length, true, out);
    }
    return lastStream;
  }

  private void head(Call call, int number, ByteBuf out) {
    Http2Headers head = call.newHead(number);
    if (hasManyTenants) {
      head.set(Calls.TENANT_HEADER, "tenant-" + number % TENANTS);
    }
    ByteBuf block = out.alloc().buffer();
    try {
      encoder.encodeHeaders(lastStream, head, block);
      int end = call.body().length == 0 ? Http2Flags.END_STREAM : 0;
      int flags = Http2Flags.END_HEADERS | end;
      frame(out, block.readableBytes(), Http2FrameTypes.HEADERS, flags, lastStream);
      out.writeBytes(block);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e); // it is no larger than the gateway allows
    } finally {
      block.release();
    }
  }

  private void data(byte[] body, int from, int length, boolean isEnd, ByteBuf out) {
    int flags = isEnd ? Http2Flags.END_STREAM : 0;
    frame(out, length, Http2FrameTypes.DATA, flags, lastStream);
    out.writeBytes(body, from, length);
  }

  private static void frame(ByteBuf out, int length, byte type, int flags, int stream) {
    Http2CodecUtil.writeFrameHeader(out, length, type, new Http2Flags((short) flags), stream);
  }
}
