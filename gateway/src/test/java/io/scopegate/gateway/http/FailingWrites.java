package io.scopegate.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;

/** Nothing can be written any more. */
final class FailingWrites extends ChannelOutboundHandlerAdapter {
  private final Throwable cause;

  FailingWrites(Throwable cause) {
    this.cause = cause;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    ReferenceCountUtil.release(msg);
    promise.setFailure(cause);
  }
}
