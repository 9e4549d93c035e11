package io.scopegate.gateway;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.scopegate.authz.KubernetesConfig;
import io.scopegate.config.FileWatcher;
import io.scopegate.gateway.admin.Readiness;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.exchange.Budget;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.forward.Transport;
import io.scopegate.gateway.limit.LimitStore;
import io.scopegate.gateway.limit.Limiter;
import io.scopegate.gateway.listen.ServerPort;
import io.scopegate.gateway.probe.UpstreamChecks;
import io.scopegate.gateway.reload.AccessServices;
import io.scopegate.gateway.reload.ActiveConfiguration;
import io.scopegate.gateway.reload.ClusterServices;
import io.scopegate.gateway.reload.ConfigurationFollower;
import io.scopegate.gateway.reload.InForce;
import io.scopegate.gateway.reload.LiveConsole;
import io.scopegate.gateway.reload.LiveLimits;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.warmup.WarmUp;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running gateway: makes the parts, opens the ports, and closes them gracefully. It only wires.
 */
public final class Gateway {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final long PROBE_MILLIS = 1_000;

  private final Telemetry telemetry;
  private final Vertx vertx;

  private final Transport transport;
  private final ClusterServices clusterServices;
  private final Budget budget;
  private final LimitStore limitStore;
  private final Readiness readiness;
  private final FilesThread filesThread;
  private final Workers workers;
  private final ActiveConfiguration active;
  private final AdminPorts adminPorts;
  private final UpstreamChecks upstreamChecks;
  private final @Nullable WarmUp warmUp;
  private volatile @Nullable AccessServices services;
  private volatile @Nullable ConfigurationFollower follower;

  private Gateway(
      GatewayConfig config, Telemetry telemetry, FilesThread filesThread, @Nullable WarmUp warmUp) {
    this.filesThread = filesThread;
    this.telemetry = telemetry;
    this.warmUp = warmUp;
    this.readiness = new Readiness(awaited(config, warmUp != null));
    int loops = config.forwarding().eventLoops();
    VertxOptions options = withoutFiles().setPreferNativeTransport(true);
    if (loops == 0) {
      loops = Runtime.getRuntime().availableProcessors();
    }
    vertx = Vertx.vertx(options.setEventLoopPoolSize(loops));
    transport = new Transport(vertx.isNativeTransportEnabled());
    clusterServices = new ClusterServices(config.forwarding().zone(), telemetry.kubernetes());
    MemoryPromises.check(config);
    budget =
        new Budget(
            config.forwarding().maxBytesInFlight().bytes(),
            config.forwarding().maxRequestsInFlight());
    workers = new Workers(loops(), budget, telemetry.eventLoopLag());
    limitStore = LimitStore.open(config.limits().store(), telemetry, System::nanoTime);
    Limiter limiter =
        new Limiter(budget, telemetry, System::nanoTime, InstantSource.system(), limitStore);
    LiveLimits limits = new LiveLimits(limiter, filesThread.files(), telemetry);
    active =
        new ActiveConfiguration(
            new InForce(config, null),
            workers.contexts(),
            transport,
            clusterServices,
            ServerPort.bootstrap(loops(), vertx.isNativeTransportEnabled()),
            filesThread.files(),
            telemetry,
            limits);
    upstreamChecks =
        new UpstreamChecks(
            vertx,
            this::checked,
            (name, it) -> active.servers(name),
            telemetry.upstreamStates(),
            readiness::upstreams);
    adminPorts =
        new AdminPorts(
            config.admin(),
            telemetry,
            readiness,
            new LiveConsole(telemetry, limiter, active::inForce));
    telemetry.inFlight(
        new Telemetry.InFlight(
            budget::heldBytes,
            budget::requests,
            budget::waitingBytes,
            budget::unreadAnswers,
            budget::unreadBytes,
            budget::closedConnections,
            budget::delayedBytes));
    telemetry.budgets(budgets());
    telemetry.ready(readiness::isReady);
    if (warmUp != null) {
      warmUp.done().onComplete(ended -> readiness.reached(Readiness.Condition.WARM_UP));
    }
    telemetry.auditOnly(
        () -> active.inForce().auditOnlyListeners(), () -> active.inForce().onlyLogsLimits());
    telemetry.eventLoopTasks(workers::waitingTasks);
    filesThread.eachSecond(telemetry.usage()::tick);
  }

  private Map<String, DoubleSupplier> budgets() {
    Map<String, DoubleSupplier> parts = new LinkedHashMap<>();
    for (Budget.Part part : Budget.Part.values()) {
      parts.put(part.name().toLowerCase(Locale.ROOT), () -> budget.used(part));
    }
    return parts;
  }

  private static Set<Readiness.Condition> awaited(GatewayConfig config, boolean warmsUp) {
    Set<Readiness.Condition> awaited = EnumSet.allOf(Readiness.Condition.class);
    if (config.authentication().kubernetes().mode() == KubernetesConfig.Mode.OFF) {
      awaited.remove(Readiness.Condition.REVIEW);
    }
    if (!config.upstreamChecks().isOn()) {
      awaited.remove(Readiness.Condition.UPSTREAMS);
    }
    if (!warmsUp) {
      awaited.remove(Readiness.Condition.WARM_UP);
    }
    return awaited;
  }

  private UpstreamChecks.Plan checked() {
    GatewayConfig config = config();
    return new UpstreamChecks.Plan(
        config.effectiveUpstreams(), config.listeners(), config.upstreamChecks());
  }

  /** Readiness waits for the first check, but not long: an upstream may be away for days. */
  private void checkUpstreams() {
    upstreamChecks.check();
    vertx.setTimer(
        Math.max(1, config().upstreamChecks().timeout().toMillis()),
        timer -> readiness.reached(Readiness.Condition.UPSTREAMS));
  }

  /** Vert.x unpacks resources into a temporary directory, which a read-only container lacks. */
  static VertxOptions withoutFiles() {
    return new VertxOptions()
        .setFileSystemOptions(
            new FileSystemOptions()
                .setClassPathResolvingEnabled(false)
                .setFileCachingEnabled(false));
  }

  private GatewayConfig config() {
    return active.inForce().config();
  }

  private EventLoopGroup loops() {
    return ((VertxInternal) vertx).nettyEventLoopGroup();
  }

  /**
   * Starts a gateway that does not warm up, whatever its configuration says.
   *
   * @param config a valid configuration, as {@link GatewayConfig#effective()} gives it
   * @param telemetry where everything is recorded; the caller closes it
   * @return completes when all ports are open, which is before the gateway is ready: see {@code
   *     /readyz}; fails with an {@link IOException} when a port cannot be bound, a certificate
   *     cannot be used, or the address of the Kubernetes API is unknown
   */
  public static Future<Gateway> start(GatewayConfig config, Telemetry telemetry) {
    return start(config, telemetry, new FilesThread(null), false);
  }

  /** As {@link #start}, for a process of its own: it is ready when it has warmed up, too. */
  public static Future<Gateway> startWarmingUp(GatewayConfig config, Telemetry telemetry) {
    return start(config, telemetry, new FilesThread(null), true);
  }

  /** Starts a gateway whose files are looked at when the caller polls. */
  static Future<Gateway> start(GatewayConfig config, Telemetry telemetry, FileWatcher files) {
    return start(config, telemetry, new FilesThread(files), false);
  }

  private static Future<Gateway> start(
      GatewayConfig config, Telemetry telemetry, FilesThread filesThread, boolean warmsUp) {
    WarmUp warmUp = warmsUp ? beginWarmUp(config) : null;
    Gateway g;
    try {
      g = new Gateway(config, telemetry, filesThread, warmUp);
    } catch (RuntimeException e) {
      if (warmUp != null) {
        warmUp.stop();
      }
      filesThread.close();
      return Future.failedFuture(e);
    }
    return g.openPorts()
        .onSuccess(v -> g.checkUpstreams())
        .onSuccess(v -> g.readiness.reached(Readiness.Condition.LISTENERS))
        .compose(v -> g.adminPorts.openAdmin())
        .compose(v -> g.adminPorts.openConsole())
        .compose(v -> g.connectKubernetes())
        .map(g)
        .recover(g::abandon);
  }

  /**
   * Before anything else, since it takes longest, and beside it. Whatever comes of it the gateway
   * gets ready.
   *
   * @return null when there is nothing to wait for
   */
  private static @Nullable WarmUp beginWarmUp(GatewayConfig config) {
    try {
      return WarmUp.isWanted(config) ? WarmUp.start(config, Epoll.isAvailable()) : null;
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("warm-up: it cannot begin, so that the first requests take longer", e);
      return null;
    }
  }

  /** It has no use any more. */
  private void stopWarmUp() {
    if (warmUp != null) {
      warmUp.stop();
    }
  }

  private Future<Gateway> abandon(Throwable e) {
    return close().transform(closed -> Future.failedFuture(e));
  }

  private Future<Void> openPorts() {
    return filesThread.run(() -> {
      List<IOException> problems = active.replaceWith(active.inForce());
      if (!problems.isEmpty()) {
        throw problems.get(0);
      }
    });
  }

  // ---- the configuration

  /**
   * Follows the configuration file that this gateway was started with: a valid one is applied
   * without dropping a connection or a request, an invalid one is reported and changes nothing.
   *
   * @param loaded what it was started with; call this once, after the start
   */
  public void follow(LoadedConfig loaded) {
    ConfigurationFollower following = new ConfigurationFollower(loaded, this::take, telemetry);
    follower = following;
    following.follow(filesThread.files());
  }

  /**
   * Reloads the configuration file now, changed or not; does nothing before {@link #follow}.
   *
   * @return completes when that is done, successful or not; the log has the result
   */
  public Future<Void> reload() {
    ConfigurationFollower following = follower;
    return following == null ? Future.succeededFuture() : filesThread.run(following::reload);
  }

  private List<IOException> take(GatewayConfig next) throws IOException {
    List<IOException> problems =
        active.replaceWith(decided(Objects.requireNonNull(services, "services"), next));
    upstreamChecks.check();
    return problems;
  }

  /** What is in force once an access of its own decides by it. */
  private InForce decided(AccessServices connected, GatewayConfig next) {
    return new InForce(next, connected.access(next, () -> active.inForce().recheck()));
  }

  // ---- around it

  private Future<Void> connectKubernetes() {
    telemetry.kubernetes().onAnswer(() -> readiness.reached(Readiness.Condition.REVIEW));
    return AccessServices.connect(vertx, config(), filesThread.files(), telemetry)
        .compose(connected -> {
          services = connected;
          connected.serve(clusterServices);
          return filesThread
              .run(() -> active.replaceWith(decided(connected, config())))
              .onSuccess(v -> probe(connected, new NotReadyLog(System::nanoTime, LOG::warn)));
        });
  }

  /** Sends reviews until one has been answered, this one or that of a client's request. */
  private void probe(AccessServices connected, NotReadyLog log) {
    connected
        .probe()
        .onSuccess(problem -> {
          if (problem.isEmpty()) {
            readiness.reached(Readiness.Condition.REVIEW);
          } else if (!readiness.isReady()) {
            readiness.reviewFailed(problem);
            log.failed(problem);
            vertx.setTimer(PROBE_MILLIS, t -> probe(connected, log));
          }
        });
  }

  /** The port that a listener is bound to. */
  public int port(String listener) {
    return active.port(listener);
  }

  /** The port of metrics and health. */
  public int adminPort() {
    return adminPorts.adminPort();
  }

  /** The port of the console; 0 when there is none. */
  public int consolePort() {
    return adminPorts.consolePort();
  }

  /** Whether the gateway is ready for traffic. */
  public boolean isReady() {
    return readiness.isReady();
  }

  /** Body bytes in flight. */
  public long bytesInFlight() {
    return budget.heldBytes();
  }

  /** Requests in progress. */
  int exchanges() {
    return workers.sum(LoopContext::exchanges);
  }

  /** Open connections of clients. */
  int clientConnections() {
    return workers.sum(LoopContext::clients);
  }

  /** Open connections to upstreams. */
  int upstreamConnections() {
    return workers.sum(LoopContext::upstreams);
  }

  // ---- the end

  /**
   * Drains and ends: not ready at once; five seconds later, or the drain time when that is shorter,
   * no new connections and GOAWAY; connections still open after the drain time are closed.
   *
   * @return completes when everything is closed; never fails
   */
  public Future<Void> stop() {
    readiness.drain();
    stopWarmUp();
    return new Drain(vertx, workers, budget)
        .drain(config().forwarding().drain(), () -> filesThread.run(active::close))
        .compose(v -> close());
  }

  private Future<Void> close() {
    stopWarmUp();
    upstreamChecks.close();
    filesThread.files().close();
    AccessServices known = services;
    Promise<Void> done = Promise.promise();
    // Vert.x cannot tell its own event loops that they have ended: hence another thread.
    filesThread
        .run(active::close)
        .transform(a -> known == null ? Future.<Void>succeededFuture() : known.close())
        .transform(a -> adminPorts.close())
        .onComplete(a -> filesThread.run(() -> closeVertx(done)));
    return done.future();
  }

  private void closeVertx(Promise<Void> done) {
    filesThread.close();
    limitStore.close();
    transport
        .closeConnections()
        .transform(closed -> adminPorts.closeLoop())
        .transform(closed -> vertx.close())
        .onComplete(closed -> {
          transport.close();
          telemetry.usage().end(); // all requests have ended
          active.endExports();
          done.complete();
        });
  }
}
