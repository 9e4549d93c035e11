package io.scopegate.gateway.reload;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.scopegate.config.HostPort;
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
 * One listener by its name: its port, where it is open, and the entrances that its connections lead
 * to. For one thread at a time, none of the event loops.
 */
final class LiveListener {
  private static final Logger LOG = LoggerFactory.getLogger(LiveListener.class);
  private static final long PATIENCE_SECONDS = 10;

  private final ServerPort port;
  private final Map<EventLoop, ListenerHandler> entrances;
  private ListenerConfig config;
  private @Nullable ReloadableFile<ServerTls> tls;
  private @Nullable HostPort address;
  private @Nullable Channel channel;

  LiveListener(
      ServerPort port,
      Map<EventLoop, ListenerHandler> entrances,
      ListenerConfig config,
      @Nullable ReloadableFile<ServerTls> tls) {
    this.port = port;
    this.entrances = Map.copyOf(entrances);
    this.config = config;
    this.tls = tls;
  }

  /** Whether it is open where this says. */
  boolean isAt(HostPort wanted) {
    return wanted.equals(address);
  }

  /** Whether it is open and keeps others from this port. */
  boolean occupies(int number) {
    return channel != null && number != 0 && boundPort() == number;
  }

  /** The port that it is bound to; 0 when it is not open. */
  int boundPort() {
    return channel == null ? 0 : ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** What new connections show and check; null when it has no TLS. */
  @Nullable ServerTls tls() {
    return tls == null ? null : tls.value();
  }

  /** Its certificate, if it is that of this configuration. */
  @Nullable ReloadableFile<ServerTls> tls(ListenerConfig wanted) {
    return wanted.tls().equals(config.tls()) && wanted.clients().http2() == config.clients().http2()
        ? tls
        : null;
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
      Throwable cause = bind.cause();
      throw new IOException(
          "listeners."
              + port.name()
              + ".address: "
              + wanted
              + " (expected: a free address): "
              + (cause == null ? "no answer" : cause.getMessage()),
          cause);
    }
    closeChannel();
    channel = bind.channel();
    address = wanted;
    LOG.info("listeners.{}: open on {}", port.name(), channel.localAddress());
  }

  /** Lets no new connections in; those that are open stay. */
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

  /** New connections go by this; what is followed no longer is closed. */
  void configure(ListenerConfig wanted, Duration maxAge, @Nullable ReloadableFile<ServerTls> next) {
    port.configure(wanted, maxAge, next == null ? null : next.value());
    if (tls != null && tls != next) {
      tls.close();
    }
    tls = next;
    config = wanted;
  }

  /** From the next request on, on this event loop; called there. */
  void become(EventLoop loop, RequestPipeline gate) {
    ListenerHandler entrance = entrances.get(loop);
    if (entrance != null) {
      entrance.become(gate);
    }
  }

  /** Closes it for good; the connections that are open finish what they have. */
  void retire() {
    closeChannel();
    discard();
    port.drain();
    LOG.info("listeners.{}: closed", port.name());
  }

  /** Lets go of its files. */
  void discard() {
    if (tls != null) {
      tls.close();
    }
  }
}
