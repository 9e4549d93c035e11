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
 * <p>Only the outline of a block is read here, and not of one that is too short for a token, as it
 * is from clients that index it; whatever is odd in it is left to Netty. Neither a field that is
 * never indexed nor what stands in for it touches the dynamic table.
 */
final class RememberingHeadersDecoder extends CountingHeadersDecoder {
  private static final int AUTHORIZATION_INDEX = 23; // in the static table
  private static final int STAND_IN = 0x80 | AUTHORIZATION_INDEX;

  /** Shorter values are decoded as fast as they are compared. */
  private static final int SHORTEST = 64;

  private static final int LONGEST = 16 << 10;

  private final CheckedHeaders.Known known;
  private final ConnectionStanding client;
  private ByteBuf lastBytes = Unpooled.EMPTY_BUFFER;
  private CharSequence lastValue = "";
  private @Nullable CharSequence repeated;

  private final BlockOutline outline = new BlockOutline(Unpooled.EMPTY_BUFFER);

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
    if (block.readableBytes() < SHORTEST || !client.isLetIn() || !find(block)) {
      return super.decodeHeaders(streamId, block);
    }
    int valueStart = outline.valueStart();
    int length = outline.end() - valueStart;
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
    int before = outline.start() - start;
    int standIn = outline.end() - 1;
    block.setByte(standIn, STAND_IN);
    if (before > 0) {
      block.setBytes(standIn - before, block, start, before);
    }
    block.readerIndex(standIn - before);
  }

  /** Finds a long {@code authorization} that is not indexed. */
  private boolean find(ByteBuf block) {
    outline.begin(block, block.readerIndex());
    while (true) {
      switch (outline.next()) {
        case INDEXED, ADDED, RESIZED -> {}
        case PLAIN -> {
          if (outline.nameIndex() == AUTHORIZATION_INDEX && worthIt(block)) {
            return true;
          }
        }
        case NONE -> {
          return false;
        }
      }
    }
  }

  private boolean worthIt(ByteBuf block) {
    int length = outline.end() - outline.valueStart();
    return length >= SHORTEST && length <= LONGEST && !block.isReadOnly();
  }
}
