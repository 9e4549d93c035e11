package io.scopegate.gateway.limit;

import io.lettuce.core.protocol.CommandHandler;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.TooLongFrameException;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the driver's decoder and closes a connection whose answers are larger than any of
 * ours. The driver makes room for as many elements as an answer announces, and keeps an answer
 * until all of it is there.
 *
 * <p>It follows RESP2 from header to header and changes nothing. The script answers with one flat
 * list of numbers, one for each budget; everything else is a status or an error.
 *
 * @see <a href="https://redis.io/docs/latest/develop/reference/protocol-spec/">RESP</a>
 */
final class RedisAnswerBounds extends ChannelInboundHandlerAdapter {
  /** Elements of one answer: a script has 256 budgets at most. */
  static final int MOST_ELEMENTS = 1_024;

  /** Bytes of one answer: an element takes 23 at most. */
  static final int MOST_BYTES = 64 << 10;

  private static final int CRLF = 2;
  private static final int NO_NUMBER = -1;

  /** Elements that are still to come; 0 between answers. */
  private int elements;

  /** Of the answer under way, elements and bytes so far. */
  private int announced;

  private int bytes;

  /** Bytes of a string that are still to come, its CRLF included. */
  private int string;

  /** The type of the line under way; 0 before its first byte. */
  private int type;

  /** The number in the line under way. */
  private int number = NO_NUMBER;

  private boolean negative;
  private byte last;

  /** Puts one before the driver's decoder, where its channel is complete. */
  static NettyCustomizer customizer() {
    return new NettyCustomizer() {
      @Override
      public void afterChannelInitialized(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        String decoder = pipeline.context(CommandHandler.class).name();
        pipeline.addBefore(decoder, null, new RedisAnswerBounds());
      }
    };
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    String problem = message instanceof ByteBuf read ? problem(read) : null;
    if (problem == null) {
      context.fireChannelRead(message);
      return;
    }
    ((ByteBuf) message).release();
    context.fireExceptionCaught(new TooLongFrameException(problem)); // to who waits for the answer
    context.close();
  }

  /** What is wrong with these bytes, which follow those before; null when nothing is. */
  private @Nullable String problem(ByteBuf read) {
    int end = read.writerIndex();
    for (int i = read.readerIndex(); i < end; ) {
      int taken = string > 0 ? Math.min(string, end - i) : 1;
      bytes += taken;
      if (bytes > MOST_BYTES) {
        return "bytes of an answer of Redis: more than " + MOST_BYTES;
      }
      if (string > 0) {
        skip(taken);
      } else {
        String problem = next(read.getByte(i));
        if (problem != null) {
          return problem;
        }
      }
      i += taken;
    }
    return null;
  }

  private void skip(int taken) {
    string -= taken;
    if (string == 0) {
      elementEnded();
    }
  }

  /** Strict, because the driver must not read another line than this. */
  private @Nullable String next(byte b) {
    byte before = last;
    last = b;
    if (type == 0) {
      type = b;
      number = NO_NUMBER;
      negative = false;
      return "+-:$*".indexOf(b) < 0 ? "type of an answer of Redis: byte " + b : null;
    }
    if ((b == '\n') != (before == '\r')) {
      return "line of an answer of Redis: a CR or LF by itself";
    }
    if (b == '\n') {
      return lineEnded();
    }
    return b != '\r' && (type == '$' || type == '*') ? digit(b) : null;
  }

  /** More than the most bytes is as bad as any number above. */
  private @Nullable String digit(byte b) {
    if (b == '-' && number == NO_NUMBER && !negative) {
      negative = true;
    } else if (b >= '0' && b <= '9') {
      number = Math.min(10 * Math.max(0, number) + (b - '0'), MOST_BYTES + 1);
    } else {
      return "length in an answer of Redis: byte " + b + " (expected: digits)";
    }
    return null;
  }

  private @Nullable String lineEnded() {
    boolean isLength = type == '$' || type == '*';
    boolean isList = type == '*';
    type = 0;
    if (isLength && (number == NO_NUMBER || negative && number != 1)) {
      return "length in an answer of Redis: " + (negative ? "negative" : "none");
    }
    if (!isLength || negative || isList && number == 0) {
      elementEnded(); // -1 is no string, or no list
      return null;
    }
    if (isList) {
      return list();
    }
    string = number + CRLF;
    return null;
  }

  private @Nullable String list() {
    announced += number;
    if (announced > MOST_ELEMENTS) {
      return "elements of an answer of Redis: more than " + MOST_ELEMENTS;
    }
    elements = Math.max(0, elements - 1) + number; // a list within a list is one of its elements
    return null;
  }

  private void elementEnded() {
    elements = Math.max(0, elements - 1);
    if (elements == 0) {
      announced = 0;
      bytes = 0;
    }
  }
}
