package io.scopegate.gateway.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.RoundRobinDnsAddressResolverGroup;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Sockets to upstreams, of the kind that the event loops drive: epoll where it is there, else NIO.
 * Names are resolved without blocking, to all their addresses.
 */
public final class Transport implements AutoCloseable {
  private static final int UNACKNOWLEDGED_MILLIS = 30_000;
  private static final int CLOSE_MILLIS = 2_000;

  /** Servers come and go faster than some answers of name servers are said to hold. */
  private static final int MOST_TTL_SECONDS = 30;

  /** A question that was lost costs who waits for the answer so long; the default is 5 s. */
  private static final Duration LOST = Duration.ofSeconds(2);

  private final boolean epoll;
  private final Duration lost;
  private final AddressResolverGroup<InetSocketAddress> names;
  private final Map<EventLoop, DnsNameResolver> records = new ConcurrentHashMap<>();
  private final DnsServerAddressStreamProvider servers;
  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  /**
   * Sockets for these event loops.
   *
   * @param epoll whether the loops are driven by epoll
   */
  public Transport(boolean epoll) {
    this(epoll, DnsServerAddressStreamProviders.platformDefault(), LOST);
  }

  /**
   * The same with these name servers.
   *
   * @param lost after which time a question is asked once more, by TCP
   */
  Transport(boolean epoll, DnsServerAddressStreamProvider servers, Duration lost) {
    this.epoll = epoll;
    this.servers = servers;
    this.lost = lost;
    names = new RoundRobinDnsAddressResolverGroup(resolver());
  }

  /** What is lost by UDP, or too long for it, is asked by TCP. */
  private DnsNameResolverBuilder resolver() {
    return new DnsNameResolverBuilder()
        .nameServerProvider(servers)
        .queryTimeoutMillis(lost.toMillis())
        .socketChannelType(epoll ? EpollSocketChannel.class : NioSocketChannel.class, true)
        .ttl(0, MOST_TTL_SECONDS)
        .completeOncePreferredResolved(false) // a name may have addresses of both kinds
        .datagramChannelType(epoll ? EpollDatagramChannel.class : NioDatagramChannel.class);
  }

  /** Finds SRV records on one loop. */
  SrvResolver records(EventLoop loop) {
    return (name, found, failed) ->
        records
            .computeIfAbsent(loop, each -> resolver().eventLoop(each).build())
            .resolveAll(new DefaultDnsQuestion(name, DnsRecordType.SRV))
            .addListener((Future<List<DnsRecord>> all) ->
                loop.execute(() -> {
                  if (all.isSuccess()) {
                    found.accept(read(all.getNow()));
                  } else {
                    failed.accept(all.cause());
                  }
                }));
  }

  private static List<SrvRecord> read(List<DnsRecord> all) {
    List<SrvRecord> records = new ArrayList<>();
    for (DnsRecord one : all) {
      try {
        SrvRecord record =
            one instanceof DnsRawRecord raw && one.type().equals(DnsRecordType.SRV)
                ? SrvRecord.read(raw.content(), one.timeToLive())
                : null;
        if (record != null) {
          records.add(record);
        }
      } catch (RuntimeException e) {
        // One that cannot be read is left out.
      } finally {
        ReferenceCountUtil.release(one);
      }
    }
    return records;
  }

  /** Finds names on one loop. */
  NameResolver names(EventLoop loop) {
    return (host, found, failed) ->
        names
            .getResolver(loop)
            .resolveAll(InetSocketAddress.createUnresolved(host, 0))
            .addListener((Future<List<InetSocketAddress>> all) ->
                loop.execute(() -> {
                  if (all.isSuccess()) {
                    found.accept(all.getNow().stream().map(InetSocketAddress::getAddress).toList());
                  } else {
                    failed.accept(all.cause());
                  }
                }));
  }

  /** Connects to an upstream on one loop. */
  ChannelFuture connect(
      EventLoop loop, SocketAddress to, Duration timeout, ChannelHandler initializer) {
    Bootstrap b = new Bootstrap().group(loop).disableResolver().handler(initializer);
    b.option(
        ChannelOption.CONNECT_TIMEOUT_MILLIS,
        (int) Math.min(timeout.toMillis(), Integer.MAX_VALUE));
    ChannelFuture connecting = connect(b, to);
    open.add(connecting.channel());
    return connecting;
  }

  private ChannelFuture connect(Bootstrap b, SocketAddress to) {
    if (to instanceof UnixDomainSocketAddress unix) {
      return epoll
          ? b.channel(EpollDomainSocketChannel.class)
              .connect(new DomainSocketAddress(unix.getPath().toString()))
          : b.channel(NioDomainSocketChannel.class).connect(unix);
    }
    if (epoll) {
      // half-dead connections show by what they do not acknowledge
      b.option(EpollChannelOption.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MILLIS);
    }
    return b.channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .connect(to);
  }

  /**
   * Closes all connections, whatever runs on them, and those that are made later at once. An event
   * loop that ends does not end TLS first, and forgets who connects meanwhile. HTTP/2 waits for its
   * streams before it closes: that is left to the end of the event loops.
   *
   * @return completes when all are closed, after two seconds at most; never fails
   */
  public io.vertx.core.Future<Void> closeConnections() {
    Promise<Void> closed = Promise.promise();
    Future<?> late =
        GlobalEventExecutor.INSTANCE.schedule(
            () -> closed.tryComplete(), CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    open.close()
        .addListener(all -> {
          late.cancel(false);
          closed.tryComplete();
        });
    return closed.future();
  }

  @Override
  public void close() {
    names.close();
    records.values().forEach(DnsNameResolver::close);
  }
}
