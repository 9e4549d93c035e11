package io.scopegate.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.scopegate.config.FileWatcher;
import io.scopegate.gateway.access.HeaderRules;
import io.scopegate.gateway.admin.AdminServer;
import io.scopegate.gateway.admin.Readiness;
import io.scopegate.gateway.codec.Budget;
import io.scopegate.gateway.codec.Worker;
import io.scopegate.gateway.forward.RequestHeaders;
import io.scopegate.gateway.forward.Transport;
import io.scopegate.gateway.forward.Upstream;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamTls;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.Port;
import io.scopegate.gateway.listen.RouteConfig;
import io.scopegate.gateway.listen.ServerTls;
import io.scopegate.gateway.listen.TlsConfig;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.telemetry.Telemetry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running gateway: makes the parts, opens the ports, and closes them in an orderly way. It only
 * wires.
 */
public final class Gateway {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final Duration FILES_INTERVAL = Duration.ofSeconds(1);
  private static final long PROBE_MILLIS = 1_000;

  /** How much of the drain time ports stay open after readiness is gone: 5 s of 25 s. */
  private static final int UNREADY_SHARE = 5;

  private static final long DRAIN_POLL_MILLIS = 50;

  private final GatewayConfig config;
  private final Telemetry telemetry;
  private final Vertx vertx;
  private final Transport transport;
  private final Budget budget;
  private final Readiness readiness =
      new Readiness(Set.of(Readiness.Condition.LISTENERS, Readiness.Condition.REVIEW));
  private final StartingAccess access = new StartingAccess();
  private final ScheduledExecutorService filesThread =
      Executors.newSingleThreadScheduledExecutor(Gateway::daemon);
  private final FileWatcher files = new FileWatcher(filesThread, FILES_INTERVAL);
  private final Map<EventLoop, Worker> workers = new HashMap<>();
  private final Map<String, Channel> ports = new LinkedHashMap<>();
  private final AdminServer admin;
  private @Nullable Deciders deciders;
  private int adminPort;

  private Gateway(GatewayConfig config, Telemetry telemetry) {
    this.config = config;
    this.telemetry = telemetry;
    int loops = config.forwarding().eventLoops();
    VertxOptions options = new VertxOptions().setPreferNativeTransport(true);
    if (loops == 0) {
      loops = Runtime.getRuntime().availableProcessors();
    }
    vertx = Vertx.vertx(options.setEventLoopPoolSize(loops));
    transport = new Transport(vertx.isNativeTransportEnabled());
    budget = new Budget(config.forwarding().maxBytesInFlight().bytes());
    loops().forEach(loop -> workers.put((EventLoop) loop, new Worker((EventLoop) loop, budget)));
    admin = new AdminServer(vertx, telemetry::scrape, readiness, EndpointTable.grpcServices());
    telemetry.bytesInFlight(budget::heldBytes);
    telemetry.ready(readiness::isReady);
    telemetry.eventLoopTasks(this::waitingTasks);
  }

  private static Thread daemon(Runnable r) {
    Thread t = new Thread(r, "scopegate-files");
    t.setDaemon(true);
    return t;
  }

  private long waitingTasks() {
    return workers.keySet().stream()
        .filter(SingleThreadEventExecutor.class::isInstance)
        .mapToLong(loop -> ((SingleThreadEventExecutor) loop).pendingTasks())
        .sum();
  }

  private EventLoopGroup loops() {
    return ((VertxInternal) vertx).nettyEventLoopGroup();
  }

  /**
   * Starts a gateway.
   *
   * @param config a valid configuration, as {@link GatewayConfig#effective()} gives it
   * @param telemetry where everything is recorded; the caller closes it
   * @return completes when all ports are open, which is before the gateway is ready: see {@code
   *     /readyz}; fails with an {@link IOException} when a port cannot be bound, a certificate
   *     cannot be used, or it cannot be told where the Kubernetes API is
   */
  public static Future<Gateway> start(GatewayConfig config, Telemetry telemetry) {
    Gateway g = new Gateway(config, telemetry);
    Future<Void> open;
    try {
      open = g.openPorts();
    } catch (IOException e) {
      open = Future.failedFuture(e);
    }
    return open.compose(v -> g.openAdmin())
        .compose(v -> g.connectKubernetes())
        .map(g)
        .recover(e -> g.abandon(e));
  }

  private Future<Gateway> abandon(Throwable e) {
    return close().transform(closed -> Future.failedFuture(e));
  }

  // ---- the way of a request

  private Future<Void> openPorts() throws IOException {
    Map<String, @Nullable UpstreamTls> upstreamTls = upstreamTls();
    Map<EventLoop, Map<String, Upstream>> upstreams = new HashMap<>();
    workers.forEach((loop, w) -> upstreams.put(loop, upstreams(w, upstreamTls)));
    ServerBootstrap bootstrap = transport.server(loops());
    List<Future<Void>> opening = new ArrayList<>();
    for (Map.Entry<String, ListenerConfig> l : config.listeners().entrySet()) {
      Port port = port(l.getKey(), l.getValue(), upstreams);
      opening.add(bound(port.name(), l.getValue(), port.open(bootstrap)));
    }
    return Future.all(opening).mapEmpty();
  }

  private Map<String, @Nullable UpstreamTls> upstreamTls() throws IOException {
    Map<String, @Nullable UpstreamTls> all = new LinkedHashMap<>();
    for (Map.Entry<String, UpstreamConfig> u : config.effectiveUpstreams().entrySet()) {
      UpstreamTls tls = null;
      if (u.getValue().url().tls()) {
        tls = new UpstreamTls(u.getValue().tls());
        follow("upstreams." + u.getKey() + ".tls", tls.files(), tls::reload);
      }
      all.put(u.getKey(), tls);
    }
    return all;
  }

  private Map<String, Upstream> upstreams(Worker w, Map<String, @Nullable UpstreamTls> tls) {
    Map<String, Upstream> all = new LinkedHashMap<>();
    config
        .effectiveUpstreams()
        .forEach(
            (name, u) ->
                all.put(
                    name,
                    new Upstream(
                        name,
                        u,
                        w,
                        transport,
                        workers.size(),
                        tls.get(name),
                        telemetry.upstream(name))));
    return all;
  }

  private Port port(
      String name, ListenerConfig listener, Map<EventLoop, Map<String, Upstream>> upstreams)
      throws IOException {
    ServerTls tls = null;
    if (listener.tls().mode() != TlsConfig.Mode.DISABLED) {
      tls = new ServerTls(listener.tls());
      follow("listeners." + name + ".tls", tls.files(), tls::reload);
    }
    EndpointTable endpoints = EndpointTable.of(protocols(listener));
    HeaderRules rules =
        new HeaderRules(config.tenancy().header(), config.forwarding().stripAuthorization());
    RequestHeaders headers = new RequestHeaders(rules, config.forwarding());
    Map<EventLoop, Port.Served> served = new HashMap<>();
    workers.forEach(
        (loop, w) ->
            served.put(
                loop,
                new Port.Served(
                    w,
                    new Gate(
                        w,
                        endpoints,
                        routes(listener, Objects.requireNonNull(upstreams.get(loop), "loop")),
                        access,
                        headers,
                        telemetry,
                        telemetry.listener(name)))));
    return new Port(
        name,
        listener,
        config.forwarding().maxConnectionAge(),
        served,
        tls,
        telemetry.listener(name));
  }

  private static List<Set<Protocol>> protocols(ListenerConfig listener) {
    return listener.effectiveRoutes().stream()
        .map(
            route ->
                route.serves().stream()
                    .map(serves -> Protocol.valueOf(serves.name()))
                    .collect(Collectors.toCollection(() -> EnumSet.noneOf(Protocol.class))))
        .collect(Collectors.toList());
  }

  private static List<Upstream> routes(ListenerConfig listener, Map<String, Upstream> upstreams) {
    return listener.effectiveRoutes().stream()
        .map(RouteConfig::upstream)
        .map(upstreams::get)
        .toList();
  }

  private Future<Void> bound(String name, ListenerConfig listener, ChannelFuture bind) {
    Promise<Void> done = Promise.promise();
    bind.addListener(
        f -> {
          if (f.isSuccess()) {
            synchronized (ports) {
              ports.put(name, bind.channel());
            }
            LOG.info("listeners.{}: open on {}", name, bind.channel().localAddress());
            done.complete();
          } else {
            done.fail(
                new IOException(
                    "listeners."
                        + name
                        + ".address: "
                        + listener.address()
                        + " (expected: a free address): "
                        + f.cause().getMessage(),
                    f.cause()));
          }
        });
    return done.future();
  }

  /** Something that can be read anew. */
  private interface Reload {
    void run() throws IOException;
  }

  private void follow(String what, List<Path> paths, Reload reload) {
    if (paths.isEmpty()) {
      return;
    }
    files.watch(
        paths,
        () -> {
          try {
            reload.run();
            telemetry.reloaded(Telemetry.Reload.CERTIFICATES, true);
            LOG.info("{}: read anew", what);
          } catch (IOException e) {
            telemetry.reloaded(Telemetry.Reload.CERTIFICATES, false);
            LOG.warn("{}: not usable, the ones before stay: {}", what, e.toString());
          }
        });
  }

  // ---- around it

  private Future<Void> openAdmin() {
    readiness.reached(Readiness.Condition.LISTENERS);
    return admin
        .listen(config.admin().address().host(), config.admin().address().port())
        .map(
            port -> {
              adminPort = port;
              LOG.info("admin.address: open on port {}", port);
              return (Void) null;
            })
        .recover(
            e ->
                Future.failedFuture(
                    new IOException(
                        "admin.address: "
                            + config.admin().address()
                            + " (expected: a free address): "
                            + e.getMessage(),
                        e)));
  }

  private Future<Void> connectKubernetes() {
    return Deciders.connect(vertx, config, new ReviewMetrics(telemetry.reviews(), readiness))
        .map(
            connected -> {
              deciders = connected;
              access.become(connected.access(config));
              probe(connected);
              return null;
            });
  }

  /** Until a review has been answered once, by this or by a client's request. */
  private void probe(Deciders connected) {
    connected
        .probe()
        .onSuccess(
            problem -> {
              if (problem.isEmpty()) {
                readiness.reached(Readiness.Condition.REVIEW);
              } else if (!readiness.isReady()) {
                LOG.warn("authentication.kubernetes: no review succeeds yet: {}", problem);
                vertx.setTimer(PROBE_MILLIS, t -> probe(connected));
              }
            });
  }

  /** The port that a listener is bound to. */
  public int port(String listener) {
    Channel c;
    synchronized (ports) {
      c = ports.get(listener);
    }
    if (c == null) {
      throw new IllegalArgumentException("listener: " + listener + " (expected: " + ports + ")");
    }
    return ((InetSocketAddress) c.localAddress()).getPort();
  }

  /** The port of metrics and health. */
  public int adminPort() {
    return adminPort;
  }

  /** Whether traffic is welcome. */
  public boolean isReady() {
    return readiness.isReady();
  }

  /** Body bytes in flight. */
  public long bytesInFlight() {
    return budget.heldBytes();
  }

  /** Requests under way. */
  int exchanges() {
    return sum(Worker::exchanges);
  }

  /** Open connections of clients. */
  int clientConnections() {
    return sum(Worker::clients);
  }

  /** Open connections to upstreams. */
  int upstreamConnections() {
    return sum(Worker::upstreams);
  }

  /** Asks every event loop; only from a thread that is none of them, and while they run. */
  private int sum(ToIntFunction<Worker> count) {
    int all = 0;
    for (Map.Entry<EventLoop, Worker> w : workers.entrySet()) {
      all += w.getKey().submit(() -> count.applyAsInt(w.getValue())).syncUninterruptibly().getNow();
    }
    return all;
  }

  // ---- the end

  /**
   * Drains and ends: not ready at once, a fifth of the drain time later no new connections and
   * GOAWAY, and what still runs at the end of the drain time is cut off.
   *
   * @return completes when everything is closed; never fails
   */
  public Future<Void> stop() {
    readiness.drain();
    long drainMillis = config.forwarding().drain().toMillis();
    long endNanos = System.nanoTime() + drainMillis * 1_000_000;
    return after(drainMillis / UNREADY_SHARE)
        .compose(
            v -> {
              closePorts();
              workers.forEach((loop, w) -> loop.execute(w::drain));
              return drained(endNanos);
            })
        .compose(v -> close());
  }

  private Future<Void> after(long millis) {
    Promise<Void> p = Promise.promise();
    vertx.setTimer(Math.max(1, millis), t -> p.complete());
    return p.future();
  }

  private void closePorts() {
    synchronized (ports) {
      ports.values().forEach(Channel::close);
    }
  }

  private Future<Void> drained(long endNanos) {
    List<Future<Integer>> counts = new ArrayList<>();
    workers.forEach(
        (loop, w) -> {
          Promise<Integer> p = Promise.promise();
          loop.execute(() -> p.complete(w.clients()));
          counts.add(p.future());
        });
    return Future.all(counts)
        .compose(
            v -> {
              int open = counts.stream().mapToInt(Future::result).sum();
              if (open == 0 || System.nanoTime() - endNanos >= 0) {
                if (open > 0) {
                  LOG.warn("forwarding.drain: {} connections are cut off", open);
                }
                return Future.succeededFuture();
              }
              return after(DRAIN_POLL_MILLIS).compose(w -> drained(endNanos));
            });
  }

  private Future<Void> close() {
    closePorts();
    files.close();
    Future<Void> api = deciders == null ? Future.succeededFuture() : deciders.close();
    Promise<Void> done = Promise.promise();
    // Vert.x cannot tell its own event loops that they have ended: hence another thread.
    api.transform(a -> admin.close())
        .onComplete(a -> filesThread.execute(() -> closeVertx(done)));
    return done.future();
  }

  private void closeVertx(Promise<Void> done) {
    filesThread.shutdown();
    vertx
        .close()
        .onComplete(
            closed -> {
              transport.close();
              done.complete();
            });
  }
}
