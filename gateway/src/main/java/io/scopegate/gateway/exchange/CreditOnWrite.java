package io.scopegate.gateway.exchange;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultChannelPromise;
import org.jspecify.annotations.Nullable;

/** A write's promise that gives the credit back when it is kept or broken: one object for both. */
public class CreditOnWrite extends DefaultChannelPromise implements ChannelFutureListener {
  private final StreamEnd to;
  private final @Nullable StreamEnd from;
  private final int bytes;

  /**
   * A promise.
   *
   * @param to the end that writes
   * @param from the end that the bytes came from; null when they are the gateway's own
   */
  public CreditOnWrite(
      ChannelHandlerContext ctx, StreamEnd to, @Nullable StreamEnd from, int bytes) {
    super(ctx.channel(), ctx.executor());
    this.to = to;
    this.from = from;
    this.bytes = bytes;
    if (bytes > 0) {
      if (from == null) {
        to.queueOwn(bytes);
      }
      addListener(this);
    }
  }

  @Override
  public void operationComplete(ChannelFuture done) {
    if (bytes == 0) {
      return;
    }
    to.progress();
    if (from != null) {
      from.written(bytes);
    } else {
      to.unqueueOwn(bytes);
    }
  }
}
