package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What remembers a connection's heads decodes each of them as the plain decoder does. The input is
 * a connection's blocks of header fields, each behind two bytes with its length.
 */
public final class HpackFuzz {
  private static final int MOST = 32 << 10;

  private HpackFuzz() {}

  private static ConnectionStanding letIn() {
    ConnectionStanding standing = new ConnectionStanding(() -> {});
    standing.letIn();
    return standing;
  }

  /** One connection. */
  public static void fuzzerTestOneInput(byte[] data) {
    DefaultHttp2HeadersDecoder remembering = new RememberingHeadersDecoder(MOST, letIn());
    DefaultHttp2HeadersDecoder plain = new CountingHeadersDecoder(MOST);
    ByteBuf in = Unpooled.wrappedBuffer(data);
    for (int id = 1; in.readableBytes() >= 2; id += 2) {
      int length = Math.min(in.readUnsignedShort(), in.readableBytes());
      byte[] block = new byte[length];
      in.readBytes(block);
      String one = decoded(remembering, id, block);
      String other = decoded(plain, id, block);
      if (!one.equals(other)) {
        throw new AssertionError("remembering: " + one + "\nplain: " + other);
      }
      if (one.startsWith("!")) {
        return; // the connection ends with it
      }
    }
  }

  /** The fields in an order that does not depend on their own; an error begins with "!" or "?". */
  private static String decoded(DefaultHttp2HeadersDecoder decoder, int id, byte[] block) {
    try {
      Http2Headers head = decoder.decodeHeaders(id, Unpooled.wrappedBuffer(block.clone()));
      List<String> fields = new ArrayList<>();
      for (Map.Entry<CharSequence, CharSequence> field : head) {
        fields.add(field.getKey() + ": " + field.getValue());
      }
      fields.sort(null);
      return fields.toString();
    } catch (Http2Exception refused) {
      return (Http2Exception.isStreamError(refused) ? "?" : "!") + refused.error();
    }
  }
}
