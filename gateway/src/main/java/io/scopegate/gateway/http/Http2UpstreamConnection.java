package io.scopegate.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.StreamEnd;
import org.jspecify.annotations.Nullable;

/** HTTP/2 to an upstream: many streams. */
public final class Http2UpstreamConnection extends AbstractHttp2Connection {
  private final Owner owner;
  private final long idleTimeoutNanos;
  private boolean ready;
  private boolean gone;

  /** Who made the connection and hands out its streams. All calls on the event loop. */
  public interface Owner {
    /** The peer's first SETTINGS arrived: its stream limit is known. */
    void ready(Http2UpstreamConnection c);

    /** A stream ended, or the limit was raised. */
    void roomFor(Http2UpstreamConnection c);

    /** No new streams from now on; called once, also when it never was ready. */
    void gone(Http2UpstreamConnection c);
  }

  private Http2UpstreamConnection(
      LoopContext worker, Http2Parts parts, Owner owner, long idleTimeoutNanos) {
    super(worker, parts);
    this.owner = owner;
    this.idleTimeoutNanos = idleTimeoutNanos;
  }

  /** A handler for a connection to an upstream. */
  public static Http2UpstreamConnection create(
      LoopContext worker, Owner owner, CodecSettings limits, long idleTimeoutNanos) {
    return Http2Parts.build(
        null, limits, p -> new Http2UpstreamConnection(worker, p, owner, idleTimeoutNanos));
  }

  /** Whether a stream can be opened now. */
  public boolean canOpen() {
    return ready
        && !gone
        && connection().local().canOpenStream()
        && connection().local().lastStreamCreated() < Integer.MAX_VALUE - 2;
  }

  /** Whether the peer's SETTINGS have come. */
  public boolean isReady() {
    return ready;
  }

  /** A new stream's end; only when {@link #canOpen()}. */
  public StreamEnd newSide() {
    return new Http2StreamEnd(this, null);
  }

  /** Closes at once. */
  public void abort() {
    if (active()) {
      ctx().close();
    }
  }

  @Override
  @Nullable Http2StreamEnd accept(Http2Stream stream) {
    return null;
  }

  @Override
  void received(Http2StreamEnd side, Http2Headers head, boolean end) {
    StreamEnd client = side.peer();
    if (client != null) {
      client.head(head, end);
    }
  }

  /** The connection is lost, or the stream is above GOAWAY's last one, or an error found here. */
  @Override
  void broken(Http2StreamEnd side, StreamEnd client) {
    if (side.isReadToEnd()) {
      client.reset(StreamEnd.NO_ERROR);
    } else {
      client.fail(Exchange.upstreamLost());
    }
  }

  @Override
  void resetByPeer(Http2StreamEnd side, StreamEnd client, long code) {
    Exchange x = client.exchange();
    if (side.isReadToEnd() && code == StreamEnd.NO_ERROR) {
      client.reset(StreamEnd.NO_ERROR);
    } else if (code == StreamEnd.NO_ERROR || x != null && x.ingest() && x.dialect().isGrpc()) {
      client.fail(Exchange.upstreamLost()); // a collector would drop what INTERNAL_ERROR means
    } else {
      client.reset(code);
    }
  }

  @Override
  long keepAliveNanos() {
    return CodecSettings.UPSTREAM_KEEP_ALIVE_NANOS;
  }

  @Override
  void settingsReceived() {
    if (gone) {
      return;
    }
    if (ready) {
      owner.roomFor(this);
    } else {
      ready = true;
      owner.ready(this);
    }
  }

  @Override
  void streamRemoved() {
    if (!gone) {
      owner.roomFor(this);
    }
  }

  @Override
  void goAwayReceived() {
    drain();
  }

  @Override
  public void drain() {
    leave();
    super.drain();
  }

  @Override
  public void channelInactive(ChannelHandlerContext c) throws Exception {
    leave();
    super.channelInactive(c);
  }

  private void leave() {
    if (!gone) {
      gone = true;
      owner.gone(this);
    }
  }

  @Override
  public void sweep(long nowNanos) {
    super.sweep(nowNanos);
    if (idleTimeoutNanos > 0
        && connection().numActiveStreams() == 0
        && silence(nowNanos) > idleTimeoutNanos) {
      drain();
    }
  }
}
