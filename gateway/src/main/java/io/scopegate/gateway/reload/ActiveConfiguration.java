package io.scopegate.gateway.reload;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.scopegate.config.EffectiveYaml;
import io.scopegate.config.FileWatcher;
import io.scopegate.config.HostPort;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.forward.ServiceDirectory;
import io.scopegate.gateway.forward.Transport;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamPlace;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.ServerPort;
import io.scopegate.gateway.reload.ReloadPlan.Bound;
import io.scopegate.gateway.reload.ReloadPlan.Close;
import io.scopegate.gateway.reload.ReloadPlan.Create;
import io.scopegate.gateway.reload.ReloadPlan.ListenerStep;
import io.scopegate.gateway.reload.ReloadPlan.Move;
import io.scopegate.gateway.reload.ReloadPlan.Open;
import io.scopegate.gateway.reload.ReloadPlan.OpenLate;
import io.scopegate.gateway.reload.ReloadPlan.Retire;
import io.scopegate.gateway.reload.ReloadPlan.Reuse;
import io.scopegate.gateway.reload.ReloadPlan.UpstreamStep;
import io.scopegate.gateway.request.ListenerHandler;
import io.scopegate.gateway.request.RequestPipeline;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.tls.ServerTls;
import io.scopegate.gateway.tls.TlsUse;
import io.scopegate.gateway.tls.UpstreamTls;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration in force with its listeners, pipelines and upstreams, and how they are replaced
 * while requests are in progress. A {@link ReloadPlan} says what to do; it is done in this order:
 *
 * <ol>
 *   <li><b>Prepare:</b> Tempo's overrides and all certificates are read, upstreams are made. If
 *       that fails nothing has changed.
 *   <li><b>Commit:</b> the new {@link InForce} is published, and logs and limits go by it.
 *       Listeners whose ports are free are opened. Then each event loop replaces its pipelines in
 *       one turn, so that its requests see one configuration, and listeners get their settings and
 *       certificates for new connections. A port that cannot be bound is reported and undoes
 *       nothing.
 *   <li><b>Retire:</b> what static rules of the old configuration have granted ends. Listeners that
 *       are gone are closed; then those are opened that waited for a port. Upstreams that nothing
 *       leads to any more close as they get free.
 * </ol>
 *
 * Its methods block for a moment, so they are not for an event loop, except {@link #inForce()}.
 */
public final class ActiveConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(ActiveConfiguration.class);
  private static final long PATIENCE_MILLIS = 10_000;

  /** What was said of expired certificates. */
  private Set<String> saidExpired = Set.of();

  private final Map<EventLoop, LoopContext> workers;
  private final Transport transport;
  private final ServiceDirectory services;
  private final ServerBootstrap bootstrap;
  private final FileWatcher files;
  private final Telemetry telemetry;
  private final LiveLimits limits;
  private final LiveExports exports;
  private final Map<String, LiveListener> listeners = new LinkedHashMap<>();
  private volatile Map<String, LiveUpstream> upstreams = Map.of();
  private volatile InForce inForce;
  private boolean isOpen;
  private boolean closed;

  /**
   * Nothing is open yet.
   *
   * @param first what is in force first; {@link #replaceWith} opens it
   * @param workers by event loop; not changed any more
   * @param services knows the servers of Services
   * @param files follows certificates
   * @param limits what tenants and listeners may use
   */
  public ActiveConfiguration(
      InForce first,
      Map<EventLoop, LoopContext> workers,
      Transport transport,
      ServiceDirectory services,
      ServerBootstrap bootstrap,
      FileWatcher files,
      Telemetry telemetry,
      LiveLimits limits) {
    this.inForce = first;
    this.workers = workers;
    this.transport = transport;
    this.services = services;
    this.bootstrap = bootstrap;
    this.files = files;
    this.telemetry = telemetry;
    this.limits = limits;
    this.exports = new LiveExports(files, telemetry, this::certificatesReloaded);
  }

  /** What is in force; for any thread. */
  public InForce inForce() {
    return inForce;
  }

  /**
   * Puts this into force. Connections and requests in progress stay: the next request of an open
   * connection goes by the new configuration, and what has begun ends by the old one.
   *
   * @return why listeners could not be opened; they are where they were, and everything else is new
   * @throws IOException when a file cannot be used; nothing has changed
   */
  public synchronized List<IOException> replaceWith(InForce next) throws IOException {
    if (closed) {
      throw new IOException("the gateway is stopping (expected: a running gateway)");
    }
    GatewayConfig current = isOpen ? inForce.config() : null;
    return apply(ReloadPlan.between(current, next.config(), bound()), next);
  }

  private Map<String, Bound> bound() {
    Map<String, Bound> bound = new LinkedHashMap<>();
    listeners.forEach((name, live) -> bound.put(name, new Bound(live.address(), live.boundPort())));
    return bound;
  }

  private List<IOException> apply(ReloadPlan plan, InForce next) throws IOException {
    PreparedConfiguration prepared = prepare(plan, next);
    InForce before = inForce;
    List<IOException> problems = new ArrayList<>();
    commit(plan, prepared, next, problems);
    retire(plan, prepared, before, problems);
    isOpen = true;
    tellTls();
    telemetry.configuration().inForce(EffectiveYaml.of(next.config()));
    return problems;
  }

  // ---- prepare

  private PreparedConfiguration prepare(ReloadPlan plan, InForce next) throws IOException {
    LiveLimits.Prepared nextLimits = limits.prepare(next.config());
    PreparedConfiguration prepared = new PreparedConfiguration(next, nextLimits);
    try {
      for (UpstreamStep step : plan.upstreams()) {
        prepare(step, prepared);
      }
      for (Map.Entry<String, ReloadPlan.Tls> tls : plan.tls().entrySet()) {
        prepare(tls.getKey(), tls.getValue(), prepared);
      }
      prepared.exported(exports.prepare(next.config())); // last: what it starts, commit ends
      return prepared;
    } catch (IOException | RuntimeException e) {
      limits.discard(nextLimits);
      prepared.discard();
      throw e;
    }
  }

  private void prepare(UpstreamStep step, PreparedConfiguration prepared) throws IOException {
    String name = step.name();
    if (step instanceof Reuse) {
      prepared.reuse(name, Objects.requireNonNull(upstreams.get(name), name));
    } else if (step instanceof Create) {
      UpstreamConfig config =
          Objects.requireNonNull(prepared.config().effectiveUpstreams().get(name), name);
      prepared.made(name, upstream(name, config));
    }
  }

  private LiveUpstream upstream(String name, UpstreamConfig config) throws IOException {
    ReloadableFile<UpstreamTls> tls =
        config.url().tls()
            ? ReloadableFile.of(
                upstreamKey(name),
                config.tls().files(),
                files,
                this::certificatesReloaded,
                () -> new UpstreamTls(config.tls()),
                UpstreamTls::reload)
            : null;
    return new LiveUpstream(
        name, config, tls, workers, transport, services, telemetry.upstream(name));
  }

  private void prepare(String listener, ReloadPlan.Tls tls, PreparedConfiguration prepared)
      throws IOException {
    switch (tls) {
      case NONE -> {}
      case REUSE -> {
        LiveListener live = Objects.requireNonNull(listeners.get(listener), listener);
        prepared.reuse(listener, Objects.requireNonNull(live.certificates(), listener));
      }
      case READ -> {
        ListenerConfig config = prepared.listener(listener);
        prepared.made(
            listener,
            ReloadableFile.of(
                listenerKey(listener),
                ServerTls.files(config.tls()),
                files,
                this::certificatesReloaded,
                // As in kube-rbac-proxy, a foreign certificate does no harm to a good token there.
                () ->
                    new ServerTls(
                        config.tls(), config.clients().http2(), config.serves(Protocol.PROXY)),
                ServerTls::reload));
      }
    }
  }

  // ---- commit

  private void commit(
      ReloadPlan plan, PreparedConfiguration prepared, InForce next, List<IOException> problems) {
    GatewayConfig config = next.config();
    inForce = next;
    telemetry.reconfigure(config.log());
    exports.replaceWith(prepared.exports());
    limits.reconfigure(prepared.limits());
    limits.limiter().measureUsage(config.usage().enabled());
    telemetry.usage().reconfigure(config.usage());
    for (ListenerStep step : plan.listeners()) {
      if (step instanceof Open open) {
        open(open.name(), open.address(), null, prepared, problems);
      } else if (step instanceof Move move) {
        open(move.name(), move.address(), null, prepared, problems);
      }
    }
    replacePipelines(prepared);
    listeners.forEach((name, live) -> {
      if (config.listeners().containsKey(name)) {
        live.reconfigure(
            prepared.listener(name), config.forwarding().maxConnectionAge(), prepared.tls(name));
      }
    });
  }

  /** Opens a listener where it should be, or leaves it at, or returns it to, where it was. */
  private void open(
      String name,
      HostPort address,
      @Nullable HostPort before,
      PreparedConfiguration prepared,
      List<IOException> problems) {
    LiveListener known = listeners.get(name);
    LiveListener listener = known == null ? listener(name, prepared) : known;
    try {
      listener.open(bootstrap, address);
      listeners.put(name, listener);
    } catch (IOException e) {
      problems.add(e);
      if (known == null) {
        listener.discard();
      } else if (before != null) {
        reopen(known, before, problems);
      }
    }
  }

  private void reopen(LiveListener listener, HostPort before, List<IOException> problems) {
    try {
      listener.open(bootstrap, before);
    } catch (IOException e) {
      problems.add(e);
    }
  }

  private LiveListener listener(String name, PreparedConfiguration prepared) {
    Map<EventLoop, ListenerHandler> handlers = new HashMap<>();
    Map<EventLoop, ServerPort.Served> served = new HashMap<>();
    workers.forEach((loop, worker) -> {
      ListenerHandler handler = new ListenerHandler(pipeline(name, loop, worker, prepared));
      handlers.put(loop, handler);
      served.put(loop, new ServerPort.Served(worker, handler));
    });
    ReloadableFile<ServerTls> tls = prepared.tls(name);
    ServerPort port =
        new ServerPort(
            name,
            prepared.listener(name),
            prepared.config().forwarding().maxConnectionAge(),
            served,
            tls == null ? null : tls.value(),
            telemetry);
    return new LiveListener(port, handlers, tls);
  }

  private RequestPipeline pipeline(
      String name, EventLoop loop, LoopContext worker, PreparedConfiguration prepared) {
    return prepared.pipeline(name, loop, worker, limits.limiter(), telemetry);
  }

  /** All pipelines of an event loop in one turn, so that its requests see one configuration. */
  private void replacePipelines(PreparedConfiguration prepared) {
    List<Future<?>> done = new ArrayList<>();
    workers.forEach((loop, worker) -> {
      Map<LiveListener, RequestPipeline> next = new HashMap<>();
      listeners.forEach((name, live) -> {
        if (prepared.config().listeners().containsKey(name)) {
          next.put(live, pipeline(name, loop, worker, prepared));
        }
      });
      done.add(
          loop.submit(
              () -> next.forEach((live, pipeline) -> live.replacePipeline(loop, pipeline))));
    });
    done.forEach(d -> d.awaitUninterruptibly(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
  }

  // ---- retire

  private void retire(
      ReloadPlan plan, PreparedConfiguration prepared, InForce before, List<IOException> problems) {
    if (before.policy() != null) {
      before.policy().retire();
    }
    for (ListenerStep step : plan.listeners()) {
      if (step instanceof Close) {
        Objects.requireNonNull(listeners.remove(step.name())).retire();
      }
    }
    List<OpenLate> late = steps(plan.listeners(), OpenLate.class).toList();
    late.forEach(step -> {
      LiveListener leaving = listeners.get(step.name());
      if (leaving != null) {
        leaving.closeChannel();
      }
    });
    late.forEach(step -> open(step.name(), step.address(), step.before(), prepared, problems));
    Map<String, LiveUpstream> old = upstreams;
    upstreams = prepared.upstreams();
    steps(plan.upstreams(), Retire.class)
        .forEach(step -> Objects.requireNonNull(old.get(step.name())).retire());
  }

  private static <T> Stream<T> steps(List<?> steps, Class<T> kind) {
    return steps.stream().filter(kind::isInstance).map(kind::cast);
  }

  // ---- TLS

  private void certificatesReloaded(boolean good) {
    telemetry.reloaded(Telemetry.Reload.CERTIFICATES, good);
    tellTls();
  }

  /** Reports the TLS providers in use, and certificates that have expired. */
  private synchronized void tellTls() {
    Map<String, TlsUse> all = new LinkedHashMap<>();
    listeners.forEach((name, live) -> {
      ServerTls tls = live.tls();
      if (tls != null) {
        all.put(listenerKey(name), tls.use());
      }
    });
    upstreams.forEach((name, live) -> {
      UpstreamTls tls = live.tls();
      if (tls != null) {
        all.put(upstreamKey(name), tls.use());
      }
    });
    all.putAll(exports.tls());
    telemetry.tls(all);
    Set<String> expired = new LinkedHashSet<>();
    all.forEach((key, use) -> collectExpired(key, use, expired));
    expired.stream().filter(text -> !saidExpired.contains(text)).forEach(LOG::warn);
    saidExpired = expired;
  }

  private static void collectExpired(String key, TlsUse use, Set<String> expired) {
    Instant now = Instant.now();
    use.files().stream()
        .filter(file -> file.notAfter().isBefore(now))
        .map(file ->
            key
                + ": "
                + file.path()
                + " expired on "
                + file.notAfter()
                + "; renew it, a new file is used without a restart")
        .forEach(expired::add);
  }

  private static String listenerKey(String name) {
    return "listeners." + name + ".tls";
  }

  private static String upstreamKey(String name) {
    return "upstreams." + name + ".tls";
  }

  // ---- from outside

  /**
   * The port that a listener is bound to.
   *
   * @throws IllegalArgumentException when there is no such listener
   */
  public synchronized int port(String name) {
    LiveListener listener = listeners.get(name);
    if (listener == null) {
      throw new IllegalArgumentException(
          "listener: " + name + " (expected: one of " + listeners.keySet() + ")");
    }
    return listener.boundPort();
  }

  /**
   * The servers of an upstream that are known now; for any thread, and never waits.
   *
   * @return fails, in words, when there is none
   */
  public io.vertx.core.Future<List<UpstreamPlace>> servers(String upstream) {
    LiveUpstream live = upstreams.get(upstream);
    return live == null
        ? io.vertx.core.Future.failedFuture("the upstream is not there yet")
        : live.servers();
  }

  /** All requests have ended: sends what waits for receivers of OTLP, for some seconds at most. */
  public void endExports() {
    exports.close();
  }

  /** Stops accepting connections, permanently. */
  public synchronized void close() {
    closed = true;
    listeners.values().forEach(LiveListener::closeChannel);
  }
}
