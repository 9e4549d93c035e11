package io.scopegate.gateway.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.RoundRobinDnsAddressResolverGroup;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Sockets to upstreams, of the kind that the event loops drive: epoll where it is there, else NIO.
 * Names are resolved without blocking, and all addresses of a name are used in turn.
 */
public final class Transport implements AutoCloseable {
  private static final int UNACKNOWLEDGED_MILLIS = 30_000;

  private final boolean epoll;
  private final AddressResolverGroup<InetSocketAddress> names;

  /**
   * Sockets for these event loops.
   *
   * @param epoll whether the loops are driven by epoll
   */
  public Transport(boolean epoll) {
    this.epoll = epoll;
    names =
        new RoundRobinDnsAddressResolverGroup(
            new DnsNameResolverBuilder()
                .datagramChannelType(
                    epoll ? EpollDatagramChannel.class : NioDatagramChannel.class));
  }

  /** A bootstrap for connections to an upstream on one loop. */
  Bootstrap client(EventLoop loop, Duration connectTimeout) {
    Bootstrap b = new Bootstrap();
    if (epoll) {
      // half-dead connections show by what they do not acknowledge
      b.option(EpollChannelOption.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MILLIS);
    }
    return b.group(loop)
        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
        .resolver(names)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) Math.min(connectTimeout.toMillis(), Integer.MAX_VALUE));
  }

  @Override
  public void close() {
    names.close();
  }
}
