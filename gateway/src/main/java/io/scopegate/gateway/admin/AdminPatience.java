package io.scopegate.gateway.admin;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.scopegate.gateway.exchange.ConnectionStanding;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How long a connection of an operator's port may take, or do nothing. On its event loop. */
final class AdminPatience extends ChannelInboundHandlerAdapter {
  private static final long IDLE_NANOS = 300_000_000_000L;

  private static final long LOOKS_MILLIS = 200;

  private final ConnectionStanding standing;
  private final long requestNanos;
  private @Nullable ScheduledFuture<?> looking;
  private @Nullable Http2Connection streams;
  private boolean watchesHeads;
  private long partialSinceNanos;

  /**
   * With a connection.
   *
   * @param request for the first request, and for each head with its body
   */
  AdminPatience(ConnectionStanding standing, Duration request) {
    this.standing = standing;
    this.requestNanos = request.toNanos();
  }

  /** How long a request may take to come, and an answer to be read. */
  long requestNanos() {
    return requestNanos;
  }

  ConnectionStanding standing() {
    return standing;
  }

  /** Bytes belong to one request after the other. */
  void watchHeads() {
    watchesHeads = true;
    partialSinceNanos = System.nanoTime();
  }

  /** A connection with streams is in use. */
  void watchStreams(Http2Connection http2) {
    streams = http2;
  }

  /** A request is complete. */
  void requested() {
    partialSinceNanos = 0;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext c) {
    looking =
        c.executor()
            .scheduleAtFixedRate(() -> look(c), LOOKS_MILLIS, LOOKS_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext c) {
    if (looking != null) {
      looking.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext c, Object bytes) {
    long now = System.nanoTime();
    if (watchesHeads && partialSinceNanos == 0 && standing.quietNanos(now) >= 0) {
      partialSinceNanos = now;
    }
    c.fireChannelRead(bytes);
  }

  private void look(ChannelHandlerContext c) {
    long now = System.nanoTime();
    long quiet = standing.quietNanos(now);
    boolean neverAsked = !standing.isLetIn() && quiet > requestNanos;
    boolean slow = partialSinceNanos != 0 && now - partialSinceNanos > requestNanos;
    boolean idle = quiet > IDLE_NANOS && (streams == null || streams.numActiveStreams() == 0);
    if (neverAsked || slow || idle) {
      c.close();
    }
  }
}
