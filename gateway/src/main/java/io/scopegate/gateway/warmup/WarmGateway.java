package io.scopegate.gateway.warmup;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.scopegate.config.ConfigLoader;
import io.scopegate.config.HostPort;
import io.scopegate.gateway.access.AccessConfig;
import io.scopegate.gateway.access.HeaderRules;
import io.scopegate.gateway.access.PolicyAccess;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.RequestHandler;
import io.scopegate.gateway.forward.Destination;
import io.scopegate.gateway.forward.RequestHeaders;
import io.scopegate.gateway.forward.Transport;
import io.scopegate.gateway.forward.Upstream;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamUrl;
import io.scopegate.gateway.limit.LimitStore;
import io.scopegate.gateway.limit.Limiter;
import io.scopegate.gateway.limit.Limits;
import io.scopegate.gateway.limit.TempoOverrides;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.ServerPort;
import io.scopegate.gateway.request.ListenerHandler;
import io.scopegate.gateway.request.RequestPipeline;
import io.scopegate.gateway.request.RequestPlan;
import io.scopegate.gateway.telemetry.LineLog;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.LogOutput;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.tls.ServerTls;
import io.scopegate.gateway.tls.TlsConfig;
import io.scopegate.gateway.tls.UpstreamTls;
import io.scopegate.gateway.tls.UpstreamTlsConfig;
import io.scopegate.gateway.warmup.Call.Over;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A gateway for the warm-up alone, made of the same parts as the one that serves, on one event loop
 * of its own. Everything that it counts, logs, limits and remembers is its own and goes with it;
 * its one listener and its upstream are ports of the loopback interface that take a token which
 * nobody else knows. All calls on its event loop.
 */
final class WarmGateway implements AutoCloseable {
  private static final HostPort ANY_PORT = new HostPort("127.0.0.1", 0);
  private static final String LISTENER = "calls";
  private static final String SINK = "sink";

  private static final String CONFIGURATION =
      """
      listeners:
        calls:
          address: "127.0.0.1:0"
          tls: {mode: optional}
          routes:
          - {serves: [otlp-grpc], upstream: h2c}
          - {serves: [otlp-http], upstream: http1}
          - {serves: [tempo-query], upstream: auto}
        sink: {address: "127.0.0.1:0", serves: [generic-write], upstream: none}
      limits:
        tenants:
          measured:
            ingestBytesPerSecond: 100GB
            ingestRequestsPerSecond: 1000000000
            spansPerSecond: 1000000000
            maxRequestBytes: 16MB
            queriesPerSecond: 1000000000
            concurrentQueries: 1000000
            concurrentStreams: 1000000
            maxQueryRange: 7d
          limited: {ingestRequestsPerSecond: 0}
      """;

  private final LoopContext worker;
  private final Transport transport;
  private final ServerBootstrap bootstrap;
  private final GatewayConfig config;
  private final LogOutput output;
  private final Telemetry telemetry;
  private final Limiter limiter;
  private final LimitStore limits;
  private final PolicyAccess access;
  private final RequestHeaders headers;
  private final @Nullable ServerTls tls;
  private final @Nullable UpstreamTls callersTls;
  private final List<Channel> ports = new ArrayList<>();
  private final ChannelGroup visitors;
  private final boolean epoll;
  private final List<Upstream> routes = new ArrayList<>();
  private @Nullable InetSocketAddress visited;
  private final Map<Over, Upstream> ways = new EnumMap<>(Over.class);

  /**
   * A gateway whose ports are not open yet.
   *
   * @param loop has nothing else to do
   * @param epoll whether it is driven by epoll
   * @param log how the gateway that serves logs
   * @param token what its callers send
   * @param shown how a listener of it is configured that has TLS; null for none
   * @throws SSLException when its certificate cannot be used
   */
  WarmGateway(EventLoop loop, boolean epoll, LogConfig log, String token, @Nullable TlsConfig shown)
      throws SSLException {
    tls = shown == null ? null : new ServerTls(shown, true);
    callersTls = shown == null ? null : new UpstreamTls(callers(shown));
    config = read(); // what may fail comes first, before there is anything to close
    this.epoll = epoll;
    visitors = new DefaultChannelGroup(loop, true);
    transport = new Transport(epoll);
    bootstrap = ServerPort.bootstrap(loop, epoll);
    output = new LogOutput(OutputStream.nullOutputStream());
    worker = new LoopContext(loop, new Budget(Integer.MAX_VALUE, Integer.MAX_VALUE));
    InstantSource clock = InstantSource.system();
    telemetry = new Telemetry(LineLog.ofRequests(output, log.format(), clock), 8, "");
    telemetry.auditTo(LineLog.ofDecisions(output, log.format(), clock));
    telemetry.reconfigure(log);
    limits = LimitStore.open(config.limits().store(), telemetry, System::nanoTime);
    limiter = new Limiter(worker.budget, telemetry, System::nanoTime, clock, limits);
    limiter.reconfigure(Limits.of(config.limits(), Map.of(), TempoOverrides.NONE));
    access =
        new PolicyAccess(
            new OneToken(token),
            new OwnTenants(),
            new AccessConfig(false, config.tenancy(), config.authorization()),
            clock,
            this::access);
    headers =
        new RequestHeaders(
            new HeaderRules(config.tenancy().header(), true, List.of()), config.forwarding());
  }

  /** The callers know whom they call. */
  private static UpstreamTlsConfig callers(TlsConfig called) {
    return new UpstreamTlsConfig(null, null, null, null, called.provider(), true);
  }

  private static GatewayConfig read() {
    return new ConfigLoader<>(GatewayConfig.class, variable -> null)
        .parse("warm-up", CONFIGURATION.getBytes(StandardCharsets.UTF_8))
        .value();
  }

  private PolicyAccess access() {
    return access;
  }

  /** Opens its ports, and then calls one of the two. */
  void open(Runnable opened, Consumer<Throwable> failed) {
    open(
        SINK,
        new Sink(worker),
        null,
        failed,
        sink ->
            open(
                LISTENER,
                handler(sink),
                tls,
                failed,
                port -> {
                  visited = new InetSocketAddress(ANY_PORT.host(), port);
                  for (Over over : Over.values()) {
                    if (!over.isTls() || tls != null) {
                      ways.put(over, way(over, port));
                    }
                  }
                  opened.run();
                }));
  }

  private void open(
      String name,
      RequestHandler handler,
      @Nullable ServerTls shown,
      Consumer<Throwable> failed,
      Consumer<Integer> opened) {
    ServerPort port =
        new ServerPort(
            name,
            listener(name),
            Duration.ZERO,
            Map.of(worker.eventLoop, new ServerPort.Served(worker, handler)),
            shown,
            telemetry);
    ChannelFuture binding = port.open(bootstrap, ANY_PORT);
    ports.add(binding.channel());
    binding.addListener(bound -> {
      if (bound.isSuccess()) {
        opened.accept(((InetSocketAddress) binding.channel().localAddress()).getPort());
      } else {
        failed.accept(bound.cause());
      }
    });
  }

  private ListenerConfig listener(String name) {
    return Objects.requireNonNull(config.listeners().get(name), name);
  }

  private ListenerHandler handler(int sinkPort) {
    ListenerConfig listener = listener(LISTENER);
    routes.add(upstream(sinkPort, UpstreamConfig.Protocol.H2C));
    routes.add(upstream(sinkPort, UpstreamConfig.Protocol.HTTP1));
    routes.add(upstream(sinkPort, UpstreamConfig.Protocol.AUTO));
    return new ListenerHandler(
        new RequestPipeline(
            worker,
            new RequestPlan(
                listener.endpoints(config.tenancy().header()),
                null,
                listener.tls().clearTextTokens()),
            routes,
            access,
            headers,
            telemetry,
            limiter.admissions(LISTENER, listener.limits(), worker)));
  }

  private Upstream upstream(int port, UpstreamConfig.Protocol protocol) {
    UpstreamUrl url = new UpstreamUrl(false, ANY_PORT.host(), port);
    return upstream(UpstreamConfig.of(url, protocol), null);
  }

  private Upstream way(Over over, int port) {
    UpstreamConfig.Protocol protocol =
        !over.isHttp2()
            ? UpstreamConfig.Protocol.HTTP1
            : over.isTls() ? UpstreamConfig.Protocol.H2 : UpstreamConfig.Protocol.H2C;
    UpstreamUrl url = new UpstreamUrl(over.isTls(), ANY_PORT.host(), port);
    return upstream(UpstreamConfig.of(url, protocol), over.isTls() ? callersTls : null);
  }

  private Upstream upstream(UpstreamConfig to, @Nullable UpstreamTls withTls) {
    return new Upstream(
        SINK, to, worker, transport, 1, withTls, Upstream.Shared.NOTHING, telemetry.upstream(SINK));
  }

  /** Where calls are sent that get here in this way; only when it is open. */
  Destination way(Over over) {
    return Objects.requireNonNull(ways.get(over), over.name());
  }

  /**
   * Connects a visitor in clear text; only when it is open.
   *
   * @param failed when nothing comes of it
   */
  void visit(Visitor visitor, Consumer<Throwable> failed) {
    ChannelFuture connecting =
        new Bootstrap()
            .group(worker.eventLoop)
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .disableResolver()
            .handler(visitor)
            .connect(Objects.requireNonNull(visited, "visited"));
    visitors.add(connecting.channel());
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        failed.accept(done.cause());
      }
    });
  }

  /** What its callers are ends of. */
  LoopContext worker() {
    return worker;
  }

  /** Its connections close as their requests end. */
  void retire() {
    visitors.close();
    ways.values().forEach(Upstream::retire);
    routes.forEach(Upstream::retire);
  }

  /** Whether all its connections are closed. */
  boolean isIdle() {
    return worker.clients() == 0 && worker.upstreams() == 0;
  }

  /** Closes its ports and ends what it has besides its event loop. */
  @Override
  public void close() {
    ports.forEach(Channel::close);
    transport.close();
    limits.close();
    telemetry.close();
    output.close();
  }
}
