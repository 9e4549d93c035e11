package io.scopegate.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Sees whether what was written to a channel moves on, one look after the other. Nothing is noted
 * between the looks.
 */
final class WriteProgress {
  private int message;
  private long progress;
  private long sinceNanos;

  /**
   * Whether something waits to be sent, and has for so long without a byte of it being taken.
   *
   * @param nowNanos the time, as of {@link System#nanoTime()}
   */
  boolean isStalled(Channel channel, long nowNanos, long limitNanos) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    if (out == null || out.current() == null) {
      sinceNanos = 0;
      return false;
    }
    int now = System.identityHashCode(out.current());
    if (sinceNanos == 0 || now != message || out.currentProgress() != progress) {
      message = now;
      progress = out.currentProgress();
      sinceNanos = nowNanos;
    }
    return nowNanos - sinceNanos > limitNanos;
  }
}
