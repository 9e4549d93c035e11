package io.scopegate.gateway.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.AsciiString;
import io.netty.util.AttributeKey;
import io.scopegate.authz.decision.ClientAuthorities;
import io.scopegate.config.HostPort;
import io.scopegate.gateway.access.ConnectionIdentity;
import io.scopegate.gateway.exchange.ClientInfo;
import io.scopegate.gateway.exchange.Connection;
import io.scopegate.gateway.exchange.ConnectionContext;
import io.scopegate.gateway.exchange.ConnectionStanding;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.http.Http1ServerConnection;
import io.scopegate.gateway.http.Http2ServerConnection;
import io.scopegate.gateway.http.PacedReading;
import io.scopegate.gateway.telemetry.ListenerMeters;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.tls.ServerTls;
import io.scopegate.gateway.tls.TlsConfig;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listener: takes connections and lets each speak what it speaks. */
public final class ServerPort extends ChannelInitializer<Channel> {
  private static final int BACKLOG = 1024;

  /** A connection between two of its requests is not idle yet. */
  private static final long IDLE_NANOS = 1_000_000_000L;

  private static final long WARNING_NANOS = 60_000_000_000L;

  /** Whom a load balancer says that a connection is from. */
  private static final AttributeKey<@Nullable InetSocketAddress> CLIENT =
      AttributeKey.valueOf(ServerPort.class, "CLIENT");

  private static final Logger LOG = LoggerFactory.getLogger(ServerPort.class);

  private final AtomicLong warnedUntilNanos = new AtomicLong(System.nanoTime());
  private final String name;
  private final Map<EventLoop, Served> loops;
  private final Telemetry telemetry;
  private final ListenerMeters meters;
  private final FailedConnections failures;
  private final OpenConnections connections = new OpenConnections(ServerPort::askToGo, IDLE_NANOS);
  private volatile Terms terms;
  private volatile boolean draining;

  /**
   * What one event loop brings along.
   *
   * @param worker its own things
   * @param handler what takes the requests of this listener
   */
  public record Served(LoopContext worker, RequestHandler handler) {}

  /** What a connection goes by from its beginning to its end, whatever is configured later. */
  record Terms(ListenerConfig config, CodecSettings limits, @Nullable ServerTls tls) {
    static Terms of(ListenerConfig config, Duration maxAge, @Nullable ServerTls tls) {
      ClientsConfig c = config.clients();
      CodecSettings limits =
          new CodecSettings(
              (int) c.maxHeaderBytes().bytes(),
              c.maxStreams(),
              c.headerTimeout().toNanos(),
              c.bodyTimeout().toNanos(),
              c.idleTimeout().toNanos(),
              maxAge.toNanos(),
              c.http2());
      return new Terms(config, limits, tls);
    }

    boolean tlsRequired() {
      return config.tls().mode() == TlsConfig.Mode.REQUIRED;
    }

    boolean http2() {
      return config.clients().http2();
    }

    long headerTimeoutMillis() {
      return config.clients().headerTimeout().toMillis();
    }

    long handshakeTimeoutMillis() {
      return config.clients().handshakeTimeout().toMillis();
    }
  }

  /** Who is at the other end of a connection, as far as the connection tells. */
  record Client(ConnectionIdentity peer, ConnectionStanding standing) {}

  /**
   * A port that is not open yet.
   *
   * @param name the listener's name in the configuration
   * @param maxAge when a connection is asked to go and come again
   * @param loops what serves it, by event loop
   * @param tls its certificate; null when TLS is disabled
   */
  public ServerPort(
      String name,
      ListenerConfig config,
      Duration maxAge,
      Map<EventLoop, Served> loops,
      @Nullable ServerTls tls,
      Telemetry telemetry) {
    this.telemetry = telemetry;
    this.meters = telemetry.listener(name);
    this.name = name;
    this.failures = new FailedConnections(name, System::nanoTime);
    this.loops = Map.copyOf(loops);
    this.terms = Terms.of(config, maxAge, tls);
  }

  /**
   * New connections go by this; the address is not looked at. Client certificates are taken as they
   * would be now on open connections too.
   */
  public void reconfigure(ListenerConfig config, Duration maxAge, @Nullable ServerTls tls) {
    ClientAuthorities before = clientAuthorities();
    terms = Terms.of(config, maxAge, tls);
    if (before != null && before != clientAuthorities()) {
      before.end();
    }
  }

  /** What client certificates are checked with now; null when they are not taken. */
  @Nullable ClientAuthorities clientAuthorities() {
    ServerTls tls = terms.tls();
    return tls == null ? null : tls.current().authorities();
  }

  /**
   * What ports are opened with.
   *
   * @param epoll whether the loops are driven by epoll
   */
  public static ServerBootstrap bootstrap(EventLoopGroup loops, boolean epoll) {
    return new ServerBootstrap()
        .group(loops)
        .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(ChannelOption.TCP_NODELAY, true);
  }

  /** Opens the port at an address; the future fails when it cannot be bound. */
  public ChannelFuture open(ServerBootstrap bootstrap, HostPort address) {
    return bootstrap
        .clone()
        .childHandler(this)
        .bind(new InetSocketAddress(address.host(), address.port()));
  }

  /** The connections that are open finish what they have and close; for good. */
  public void drain() {
    draining = true;
    connections.channels().forEach(ServerPort::askToGo);
  }

  private static void askToGo(Channel c) {
    c.eventLoop().execute(() -> drain(c));
  }

  private static void drain(Channel c) {
    for (Map.Entry<String, ChannelHandler> handler : c.pipeline()) {
      if (handler.getValue() instanceof Connection connection) {
        connection.drain();
        return;
      }
    }
    c.close(); // has not said anything yet
  }

  /** The listener's name. */
  public String name() {
    return name;
  }

  @Override
  protected void initChannel(Channel c) {
    Terms now = terms;
    boolean balanced = isBalanced(now, c);
    OpenConnections.Member connection = balanced ? connections.ofBalancer(c) : connections.of(c);
    ListenerMeters.Failure failure = add(connection, now.config().clients());
    if (failure != null) {
      failed(c, failure, tooMany(failure));
      c.close();
      return;
    }
    meters.connectionOpened();
    c.config().setRecvByteBufAllocator(new ReceiveBuffers(connection.standing()));
    c.closeFuture().addListener(f -> meters.connectionClosed());
    if (balanced) {
      awaitProxyHeader(c, now, connection);
    } else {
      c.pipeline().addLast(new ProtocolDetector(this, now, connection.standing()));
    }
    if (draining) {
      askToGo(c); // drain() may not have seen it
    }
  }

  private static boolean isBalanced(Terms terms, Channel c) {
    ProxyProtocolConfig proxies = terms.config().proxyProtocol();
    return proxies.isOn()
        && c.remoteAddress() instanceof InetSocketAddress a
        && a.getAddress() != null
        && proxies.isFrom(a.getAddress());
  }

  private void awaitProxyHeader(Channel c, Terms now, OpenConnections.Member connection) {
    ProxyHeader header =
        new ProxyHeader(
            this,
            now.handshakeTimeoutMillis(),
            client -> {
              c.attr(CLIENT).set(client);
              int most = now.config().clients().maxConnectionsPerAddress();
              if (connections.locate(connection, ClientAddress.of(client), most)) {
                c.pipeline().addLast(new ProtocolDetector(this, now, connection.standing()));
              } else {
                meters.connectionFailed(ListenerMeters.Failure.ADDRESS);
                c.close();
              }
            });
    c.pipeline().addLast(ProxyHeader.decoder(), header);
  }

  /** Says at most once a minute that a PROXY header is not as it must be. */
  void warnOfProxyHeader(Channel c, String what) {
    long now = System.nanoTime();
    long next = warnedUntilNanos.get();
    if (now - next >= 0 && warnedUntilNanos.compareAndSet(next, now + WARNING_NANOS)) {
      LOG.warn(
          "listeners.{}: {} {}; look at proxyProtocol.from and at the load balancer",
          name,
          c.remoteAddress(),
          what);
    }
  }

  private ListenerMeters.@Nullable Failure add(
      OpenConnections.Member connection, ClientsConfig bounds) {
    if (draining) {
      return ListenerMeters.Failure.LIMIT;
    }
    OpenConnections.Refused refused =
        connections.add(connection, bounds.maxConnections(), bounds.maxConnectionsPerAddress());
    if (refused == null) {
      return null;
    }
    return switch (refused) {
      case FULL -> ListenerMeters.Failure.LIMIT;
      case ADDRESS -> ListenerMeters.Failure.ADDRESS;
    };
  }

  private String tooMany(ListenerMeters.Failure failure) {
    if (draining) {
      return "the gateway is stopping";
    }
    return failure == ListenerMeters.Failure.ADDRESS
        ? "its address has too many, see clients.maxConnectionsPerAddress"
        : "there are too many, see clients.maxConnections";
  }

  /**
   * A connection failed: it is counted, and logged now and then.
   *
   * @param why one of few texts
   */
  void failed(Channel c, ListenerMeters.Failure failure, String why) {
    meters.connectionFailed(failure);
    failures.failed(address(c), why);
  }

  private static Object address(Channel c) {
    return c.remoteAddress() instanceof InetSocketAddress a && a.getAddress() != null
        ? new HostPort(a.getAddress().getHostAddress(), a.getPort())
        : "a client that is gone";
  }

  ListenerMeters meters() {
    return meters;
  }

  /** Fills the pipeline of a connection that has said what it speaks. */
  void speak(ChannelPipeline p, Terms agreed, boolean http2, boolean isTls, Client client) {
    Served served = loops.get(p.channel().eventLoop());
    if (served == null) {
      throw new IllegalStateException("eventLoop: unknown (expected: one of the workers')");
    }
    ClientInfo info = info(p.channel(), isTls, client);
    CodecSettings limits = agreed.limits();
    long bodyTimeoutNanos = limits.bodyTimeoutNanos();
    p.addLast(new PacedReading(served.worker(), info));
    if (http2) {
      ConnectionContext about = ConnectionContext.http2(info, telemetry, bodyTimeoutNanos);
      p.addLast(Http2ServerConnection.create(served.worker(), served.handler(), about, limits));
    } else {
      ConnectionContext about = ConnectionContext.http1(info, telemetry, bodyTimeoutNanos);
      Http1ServerConnection.addTo(p, served.worker(), served.handler(), about, limits);
    }
  }

  private ClientInfo info(Channel c, boolean isTls, Client client) {
    ConnectionIdentity peer = client.peer();
    ConnectionStanding standing = client.standing();
    InetSocketAddress balanced = c.hasAttr(CLIENT) ? c.attr(CLIENT).get() : null;
    SocketAddress from = balanced == null ? c.remoteAddress() : balanced;
    if (from instanceof InetSocketAddress a && a.getAddress() != null) {
      String ip = a.getAddress().getHostAddress();
      long network = ClientAddress.of(a.getAddress());
      return new ClientInfo(
          name, ip + ":" + a.getPort(), network, AsciiString.of(ip), isTls, peer, standing);
    }
    return new ClientInfo(name, "", 0, AsciiString.EMPTY_STRING, isTls, peer, standing);
  }
}
