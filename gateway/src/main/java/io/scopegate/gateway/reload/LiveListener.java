package io.scopegate.gateway.reload;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.scopegate.config.HostPort;
import io.scopegate.gateway.listen.BindFailure;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.ServerPort;
import io.scopegate.gateway.request.ListenerHandler;
import io.scopegate.gateway.request.RequestPipeline;
import io.scopegate.gateway.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listener by its name: its port, where it is open, and the handlers of its requests on each
 * event loop. For one thread at a time, none of the event loops.
 */
final class LiveListener {
  private static final Logger LOG = LoggerFactory.getLogger(LiveListener.class);
  private static final long PATIENCE_SECONDS = 10;

  private final ServerPort port;
  private final Map<EventLoop, ListenerHandler> handlers;
  private @Nullable ReloadableFile<ServerTls> tls;
  private @Nullable HostPort address;
  private @Nullable Channel channel;

  LiveListener(
      ServerPort port,
      Map<EventLoop, ListenerHandler> handlers,
      @Nullable ReloadableFile<ServerTls> tls) {
    this.port = port;
    this.handlers = Map.copyOf(handlers);
    this.tls = tls;
  }

  /** The port that it is bound to; 0 when it is not open. */
  int boundPort() {
    return channel == null ? 0 : ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** What new connections show and check; null when it has no TLS. */
  @Nullable ServerTls tls() {
    return tls == null ? null : tls.value();
  }

  /** Its certificates with the watch of their files; null when it has no TLS. */
  @Nullable ReloadableFile<ServerTls> certificates() {
    return tls;
  }

  /**
   * Opens it here, and then closes it where it was open before; connections stay.
   *
   * @throws IOException when it cannot be bound; it is where it was
   */
  void open(ServerBootstrap bootstrap, HostPort wanted) throws IOException {
    ChannelFuture bind = port.open(bootstrap, wanted);
    bind.awaitUninterruptibly(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    if (!bind.isSuccess()) {
      bind.channel().close();
      throw BindFailure.of("listeners." + port.name() + ".address", wanted, bind.cause());
    }
    closeChannel();
    channel = bind.channel();
    address = wanted;
    LOG.info("listeners.{}: open on {}", port.name(), channel.localAddress());
  }

  /** Stops accepting connections; open ones stay. */
  void closeChannel() {
    Channel c = channel;
    channel = null;
    address = null;
    if (c != null) {
      c.close().awaitUninterruptibly(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    }
  }

  /** Where it is open; null when it is not. */
  @Nullable HostPort address() {
    return address;
  }

  /** New connections go by this; files that are not needed any more are no longer watched. */
  void reconfigure(
      ListenerConfig wanted, Duration maxAge, @Nullable ReloadableFile<ServerTls> next) {
    port.reconfigure(wanted, maxAge, next == null ? null : next.value());
    if (tls != null && tls != next) {
      tls.close();
    }
    tls = next;
  }

  /** From the next request on, on this event loop; called there. */
  void replacePipeline(EventLoop loop, RequestPipeline next) {
    ListenerHandler handler = handlers.get(loop);
    if (handler != null) {
      handler.become(next);
    }
  }

  /** Closes it permanently; open connections finish their requests. */
  void retire() {
    closeChannel();
    discard();
    port.drain();
    LOG.info("listeners.{}: closed", port.name());
  }

  /** Stops watching its files. */
  void discard() {
    if (tls != null) {
      tls.close();
    }
  }
}
