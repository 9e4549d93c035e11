package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Does not decode the same token twice. Some clients (those with nghttp2 inside: curl, Node, Envoy)
 * never index {@code authorization}, so that every request carries all of it, Huffman-coded: that
 * was a quarter of a small request's cost. When the bytes are those of the last time, one byte
 * stands in for the field ({@code authorization} without a value, which the static table has), and
 * the head takes the last value for it: the same object, which the connection's memo of decisions
 * then finds by identity. The place of the field, its size and its number count as they did.
 *
 * <p>Only the outline of a block is read here (<a
 * href="https://datatracker.ietf.org/doc/html/rfc7541#section-6">RFC 7541 6</a>); whatever is odd
 * in it is left to Netty. Neither a field that is never indexed nor what stands in for it touches
 * the dynamic table.
 */
final class RememberingHeadersDecoder extends CountingHeadersDecoder {
  private static final int AUTHORIZATION_INDEX = 23; // in the static table
  private static final int STAND_IN = 0x80 | AUTHORIZATION_INDEX;

  /** Shorter values are decoded as fast as they are compared. */
  private static final int SHORTEST = 64;

  private static final int LONGEST = 16 << 10;
  private static final int NONE = -1;

  private final CheckedHeaders.Known known;
  private final ConnectionStanding client;
  private ByteBuf lastBytes = Unpooled.EMPTY_BUFFER;
  private CharSequence lastValue = "";
  private @Nullable CharSequence repeated;

  // where the scan stands, and what it has found; valid within one call
  private int at;
  private int end;
  private int fieldStart;
  private int valueStart;
  private int fieldEnd;

  /**
   * Of a client's connection.
   *
   * @param client how it stands: nothing is remembered until it was let in
   */
  RememberingHeadersDecoder(int maxHeaderBytes, ConnectionStanding client) {
    super(maxHeaderBytes);
    this.client = client;
    this.known = new CheckedHeaders.Known(client);
  }

  @Override
  protected Http2Headers newHeaders() {
    return new CheckedHeaders(known, repeated);
  }

  @Override
  public Http2Headers decodeHeaders(int streamId, ByteBuf block) throws Http2Exception {
    if (!client.isLetIn() || !find(block)) {
      return super.decodeHeaders(streamId, block);
    }
    int length = fieldEnd - valueStart;
    if (length == lastBytes.readableBytes()
        && ByteBufUtil.equals(block, valueStart, lastBytes, 0, length)) {
      shorten(block);
      return decodeRepeated(streamId, block);
    }
    byte[] bytes = ByteBufUtil.getBytes(block, valueStart, length);
    Http2Headers headers = super.decodeHeaders(streamId, block);
    remember(bytes, headers.getAll(HttpHeaderNames.AUTHORIZATION));
    return headers;
  }

  private void remember(byte[] bytes, List<CharSequence> values) {
    if (values.size() == 1) {
      lastBytes = Unpooled.wrappedBuffer(bytes);
      lastValue = values.get(0);
    }
  }

  private Http2Headers decodeRepeated(int streamId, ByteBuf block) throws Http2Exception {
    long most = maxHeaderListSize();
    long mostAtAll = maxHeaderListSizeGoAway();
    maxHeaderListSize(without(lastValue, most), without(lastValue, mostAtAll));
    repeated = lastValue;
    try {
      return super.decodeHeaders(streamId, block);
    } finally {
      repeated = null;
      maxHeaderListSize(most, mostAtAll);
    }
  }

  private static long without(CharSequence value, long most) {
    return Math.max(0, most - value.length());
  }

  /** Puts one byte in the field's place, and what stands before it up to that. */
  private void shorten(ByteBuf block) {
    int start = block.readerIndex();
    int before = fieldStart - start;
    int standIn = fieldEnd - 1;
    block.setByte(standIn, STAND_IN);
    if (before > 0) {
      block.setBytes(standIn - before, block, start, before);
    }
    block.readerIndex(standIn - before);
  }

  /** Finds a long {@code authorization} that is not indexed. */
  private boolean find(ByteBuf block) {
    at = block.readerIndex();
    end = block.writerIndex();
    while (at < end) {
      fieldStart = at;
      int first = block.getByte(at) & 0xff;
      if (first >= 0x80) { // indexed
        if (integer(block, 7) == NONE) {
          return false;
        }
      } else if (first >= 0x40) { // with incremental indexing
        if (!literal(block, integer(block, 6))) {
          return false;
        }
      } else if (first >= 0x20) { // size of the table
        if (integer(block, 5) == NONE) {
          return false;
        }
      } else {
        int name = integer(block, 4);
        if (!literal(block, name)) {
          return false;
        }
        if (name == AUTHORIZATION_INDEX && worthIt(block)) {
          fieldEnd = at;
          return true;
        }
      }
    }
    return false;
  }

  private boolean worthIt(ByteBuf block) {
    int length = at - valueStart;
    return length >= SHORTEST && length <= LONGEST && !block.isReadOnly();
  }

  /** Skips a literal's name, when it has one, and its value; notes where the value stands. */
  private boolean literal(ByteBuf block, int name) {
    if (name == NONE || name == 0 && !string(block)) {
      return false;
    }
    valueStart = at;
    return string(block);
  }

  private boolean string(ByteBuf block) {
    if (at >= end) {
      return false;
    }
    int length = integer(block, 7);
    if (length == NONE || length > end - at) {
      return false;
    }
    at += length;
    return true;
  }

  /**
   * Reads an integer with a prefix of so many bits (<a
   * href="https://datatracker.ietf.org/doc/html/rfc7541#section-5.1">RFC 7541 5.1</a>).
   *
   * @return NONE when it is cut off or larger than any length here can be
   */
  private int integer(ByteBuf block, int bits) {
    int max = (1 << bits) - 1;
    int value = block.getByte(at++) & max;
    if (value < max) {
      return value;
    }
    for (int shift = 0; shift <= 21 && at < end; shift += 7) {
      int next = block.getByte(at++) & 0xff;
      value += (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    return NONE;
  }
}
