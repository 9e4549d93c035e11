package io.scopegate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts requests out of what a client sends, one at a time: while its connection takes no more, the
 * bytes wait as they came. Decoded, a request takes some twenty times as much memory, and one read
 * may hold thousands.
 */
final class Http1RequestDecoder extends HttpRequestDecoder {
  private static final byte[] HTTP = "HTTP/".getBytes(StandardCharsets.US_ASCII);

  /** What is done with the next bytes. */
  enum Next {
    DECODE,
    /** They wait until {@link #resume}. */
    WAIT,
    /** Nobody wants them any more. */
    DROP
  }

  /** Whose requests they are. All calls on the event loop. */
  interface Taker {
    /** What is to be done with the next bytes. */
    Next next();

    /** Bytes wait: no more should be read. */
    void inputWaits();
  }

  private @Nullable Taker taker;
  private @Nullable ChannelHandlerContext context;
  private boolean waits;

  /** No byte of the next request has come yet. */
  private boolean between = true;

  /** What came is no request: nothing after it is read. */
  private boolean broken;

  /** Where the last word of the request line ended. */
  private int wordEnd;

  Http1RequestDecoder(int maxHeaderBytes) {
    super(config(maxHeaderBytes));
  }

  static HttpDecoderConfig config(int maxHeaderBytes) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(maxHeaderBytes)
        .setMaxHeaderSize(maxHeaderBytes)
        .setHeadersFactory(FieldLimit.HTTP1)
        .setTrailersFactory(FieldLimit.HTTP1)
        .setMaxChunkSize(1 << 20) // the default slices bodies
        .setInitialBufferSize(256);
  }

  /** Whom it asks, before the first byte. */
  void decodeFor(Taker who) {
    taker = who;
  }

  /** Whether bytes wait. */
  boolean waits() {
    return waits;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    Next next = taker == null ? Next.DECODE : taker.next();
    if (next == Next.DECODE) {
      waits = false;
      decodeStrictly(ctx, in, out);
    } else if (next == Next.DROP) {
      in.skipBytes(in.readableBytes());
    } else if (!waits && taker != null) {
      waits = true;
      taker.inputWaits();
    }
  }

  /**
   * Netty skips blanks and control characters before a request and between the words of its first
   * line, and takes {@code http/1.1}. Others do not, see <a
   * href="https://datatracker.ietf.org/doc/html/rfc9112#section-3">RFC 9112 3</a>: only empty lines
   * may come first, and only blanks and tabs in between.
   */
  private void decodeStrictly(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    if (between) {
      int first = in.forEachByte(b -> b == '\r' || b == '\n');
      between = first < 0;
      broken = first >= 0 && in.getUnsignedByte(first) <= ' ';
      if (broken) {
        HttpMessage invalid = createInvalidMessage();
        invalid.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("method")));
        out.add(invalid);
      }
    }
    if (broken) {
      in.skipBytes(in.readableBytes());
      return;
    }
    super.decode(ctx, in, out);
    if (!out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent last) {
      between = last.decoderResult().isSuccess();
    }
  }

  @Override
  protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
    wordEnd = start + length;
    return super.splitFirstWordInitialLine(line, start, length);
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    demandBlanks(line, start);
    wordEnd = start + length;
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    demandBlanks(line, start);
    int end = start + Math.min(length, HTTP.length);
    if (!Arrays.equals(line, start, end, HTTP, 0, HTTP.length)) {
      throw new IllegalArgumentException("version");
    }
    return super.splitThirdWordInitialLine(line, start, length);
  }

  private void demandBlanks(byte[] line, int start) {
    for (int i = wordEnd; i < start; i++) {
      if (line[i] != ' ' && line[i] != '\t') {
        throw new IllegalArgumentException("control character in the request line");
      }
    }
  }

  /** Goes on with what waited, if anything did. */
  void resume() throws Exception {
    ChannelHandlerContext ctx = context;
    if (waits && ctx != null && !ctx.isRemoved()) {
      waits = false;
      channelRead(ctx, Unpooled.EMPTY_BUFFER);
      ctx.fireChannelReadComplete();
    }
  }

  /** Netty would read on although nothing is to be read: what waits came to nothing so far. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (waits) {
      discardSomeReadBytes();
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }
}
