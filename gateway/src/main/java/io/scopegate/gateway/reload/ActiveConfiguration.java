package io.scopegate.gateway.reload;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.scopegate.config.FileWatcher;
import io.scopegate.config.HostPort;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.HeaderRules;
import io.scopegate.gateway.access.RewritesConfig;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.forward.ForwardingConfig;
import io.scopegate.gateway.forward.RequestHeaders;
import io.scopegate.gateway.forward.Transport;
import io.scopegate.gateway.forward.Upstream;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.RouteConfig;
import io.scopegate.gateway.listen.ServerPort;
import io.scopegate.gateway.request.ListenerHandler;
import io.scopegate.gateway.request.RequestPipeline;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.tls.ServerTls;
import io.scopegate.gateway.tls.TlsConfig;
import io.scopegate.gateway.tls.TlsUse;
import io.scopegate.gateway.tls.UpstreamTls;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners, gates and upstreams of the configuration in force, and how they become those of
 * another one while requests are under way. Its methods block for a moment, so they are not for an
 * event loop.
 */
public final class ActiveConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(ActiveConfiguration.class);
  private static final long PATIENCE_MILLIS = 10_000;

  private final Map<EventLoop, LoopContext> workers;
  private final Transport transport;
  private final ServerBootstrap bootstrap;
  private final FileWatcher files;
  private final Telemetry telemetry;
  private final LiveLimits limits;
  private final Map<String, LiveListener> listeners = new LinkedHashMap<>();
  private Map<String, LiveUpstream> upstreams = Map.of();
  private boolean closed;

  /**
   * Nothing yet.
   *
   * @param workers by event loop; not changed any more
   * @param files follows certificates
   * @param limits what tenants and listeners may use
   */
  public ActiveConfiguration(
      Map<EventLoop, LoopContext> workers,
      Transport transport,
      ServerBootstrap bootstrap,
      FileWatcher files,
      Telemetry telemetry,
      LiveLimits limits) {
    this.workers = workers;
    this.transport = transport;
    this.bootstrap = bootstrap;
    this.files = files;
    this.telemetry = telemetry;
    this.limits = limits;
  }

  /**
   * Becomes what a configuration says. Connections and requests under way stay: the next request of
   * an open connection goes by the new configuration, and what has begun ends by the old one.
   *
   * @param access decides by the same configuration
   * @return why listeners could not be opened; they are where they were, and everything else is new
   * @throws IOException when a certificate cannot be used; nothing has changed
   */
  public synchronized List<IOException> become(GatewayConfig config, Access access)
      throws IOException {
    if (closed) {
      throw new IOException("the gateway ends (expected: a gateway that runs)");
    }
    Next next = prepare(config, access);
    limits.become(next.limits);
    List<IOException> problems = new ArrayList<>();
    List<String> late = open(next, problems);
    replaceGates(next);
    config
        .listeners()
        .forEach((name, listener) -> {
          LiveListener live = listeners.get(name);
          if (live != null) {
            live.configure(listener, config.forwarding().maxConnectionAge(), next.tls.get(name));
          }
        });
    retire(config);
    moveLate(late, next, problems);
    Map<String, LiveUpstream> before = upstreams;
    upstreams = next.upstreams;
    before.values().stream()
        .filter(u -> !next.upstreams.containsValue(u))
        .forEach(LiveUpstream::retire);
    tellTls();
    return problems;
  }

  /** Tells who does TLS where, and which certificates are over. */
  private synchronized void tellTls() {
    List<Telemetry.TlsUsed> all = new ArrayList<>();
    listeners.forEach((name, live) -> {
      ServerTls tls = live.tls();
      if (tls != null) {
        all.add(used(listenerKey(name), tls.use()));
      }
    });
    upstreams.forEach((name, live) -> {
      UpstreamTls tls = live.tls();
      if (tls != null) {
        all.add(used(upstreamKey(name), tls.use()));
      }
    });
    telemetry.tls(all);
    all.forEach(ActiveConfiguration::warn);
  }

  private static Telemetry.TlsUsed used(String key, TlsUse use) {
    Map<String, Instant> notAfter = new HashMap<>();
    use.files().forEach(file -> notAfter.put(file.path().toString(), file.notAfter()));
    return new Telemetry.TlsUsed(key, use.providers(), notAfter);
  }

  private static void warn(Telemetry.TlsUsed used) {
    Instant now = Instant.now();
    used.notAfter()
        .forEach((file, end) -> {
          if (end.isBefore(now)) {
            LOG.warn("{}: {} has expired on {}", used.usedBy(), file, end);
          }
        });
  }

  // ---- what a configuration asks for

  /** What a configuration asks for, before any of it acts. */
  private final class Next {
    final GatewayConfig config;
    final Access access;
    final RequestHeaders headers;
    final Map<String, LiveUpstream> upstreams = new LinkedHashMap<>();
    final Map<String, ReloadableFile<ServerTls>> tls = new HashMap<>();
    final LiveLimits.Prepared limits;
    private final Map<String, EndpointTable> tables = new HashMap<>();

    Next(GatewayConfig config, Access access, LiveLimits.Prepared limits) {
      this.config = config;
      this.access = access;
      this.limits = limits;
      ForwardingConfig forwarding = config.forwarding();
      RewritesConfig rewrites = config.authorization().rewrites();
      HeaderRules rules =
          new HeaderRules(
              config.tenancy().header(),
              forwarding.stripAuthorization(),
              forwarding.ownHeaders(),
              rewrites == null ? null : rewrites.header());
      headers = new RequestHeaders(rules, forwarding);
    }

    RequestPipeline gate(String name, EventLoop loop, LoopContext worker) {
      ListenerConfig listener = listener(name);
      List<Upstream> routes = new ArrayList<>();
      for (RouteConfig route : listener.effectiveRoutes()) {
        routes.add(Objects.requireNonNull(upstreams.get(route.upstream())).on(loop));
      }
      return new RequestPipeline(
          worker,
          tables.computeIfAbsent(name, n -> listener.endpoints(config.tenancy().header())),
          routes,
          Cors.of(listener.cors(), config.tenancy().header()),
          listener.tls().clearTextTokens(),
          access,
          headers,
          telemetry,
          telemetry.listener(name),
          ActiveConfiguration.this.limits.limiter().admissions(name, listener.limits(), worker));
    }

    ListenerConfig listener(String name) {
      return Objects.requireNonNull(config.listeners().get(name), name);
    }

    /** Lets go of what was made for nothing. */
    void discard() {
      ActiveConfiguration.this.limits.discard(limits);
      upstreams.values().stream()
          .filter(u -> !ActiveConfiguration.this.upstreams.containsValue(u))
          .forEach(LiveUpstream::discard);
      tls.forEach((name, followed) -> {
        LiveListener live = listeners.get(name);
        if (live == null || live.tls(listener(name)) != followed) {
          followed.close();
        }
      });
    }
  }

  private Next prepare(GatewayConfig config, Access access) throws IOException {
    Next next = new Next(config, access, limits.prepare(config));
    try {
      for (Map.Entry<String, UpstreamConfig> u : config.effectiveUpstreams().entrySet()) {
        next.upstreams.put(u.getKey(), upstream(u.getKey(), u.getValue()));
      }
      for (Map.Entry<String, ListenerConfig> l : config.listeners().entrySet()) {
        ReloadableFile<ServerTls> tls = tls(l.getKey(), l.getValue());
        if (tls != null) {
          next.tls.put(l.getKey(), tls);
        }
      }
      return next;
    } catch (IOException | RuntimeException e) {
      next.discard();
      throw e;
    }
  }

  private LiveUpstream upstream(String name, UpstreamConfig config) throws IOException {
    LiveUpstream live = upstreams.get(name);
    if (live != null && live.is(config)) {
      return live;
    }
    ReloadableFile<UpstreamTls> tls =
        config.url().tls()
            ? ReloadableFile.of(
                upstreamKey(name),
                UpstreamTls.files(config.tls()),
                files,
                this::toldCertificates,
                () -> new UpstreamTls(config.tls()),
                UpstreamTls::reload)
            : null;
    return new LiveUpstream(name, config, tls, workers, transport, telemetry.upstream(name));
  }

  private @Nullable ReloadableFile<ServerTls> tls(String name, ListenerConfig listener)
      throws IOException {
    TlsConfig config = listener.tls();
    LiveListener live = listeners.get(name);
    ReloadableFile<ServerTls> same = live == null ? null : live.tls(listener);
    if (same != null || config.mode() == TlsConfig.Mode.DISABLED) {
      return same;
    }
    return ReloadableFile.of(
        listenerKey(name),
        ServerTls.files(config),
        files,
        this::toldCertificates,
        () -> new ServerTls(config, listener.clients().http2()),
        ServerTls::reload);
  }

  private void toldCertificates(boolean good) {
    telemetry.reloaded(Telemetry.Reload.CERTIFICATES, good);
    tellTls();
  }

  private static String listenerKey(String name) {
    return "listeners." + name + ".tls";
  }

  private static String upstreamKey(String name) {
    return "upstreams." + name + ".tls";
  }

  // ---- how it comes about

  /**
   * Opens what is new or moved.
   *
   * @return the listeners for whose port another one has to be closed first
   */
  private List<String> open(Next next, List<IOException> problems) {
    List<String> late = new ArrayList<>();
    for (Map.Entry<String, ListenerConfig> l : next.config.listeners().entrySet()) {
      LiveListener live = listeners.get(l.getKey());
      if (live != null && live.isAt(l.getValue().address())) {
        continue;
      }
      int port = l.getValue().address().port();
      if (listeners.values().stream().anyMatch(other -> other.occupies(port))) {
        late.add(l.getKey());
      } else {
        move(l.getKey(), next, null, problems);
      }
    }
    return late;
  }

  /** Listeners may change places: all of them leave theirs first. */
  private void moveLate(List<String> late, Next next, List<IOException> problems) {
    Map<String, HostPort> before = new HashMap<>();
    for (String name : late) {
      LiveListener live = listeners.get(name);
      HostPort address = live == null ? null : live.address();
      if (live != null && address != null) {
        before.put(name, address);
        live.closeChannel();
      }
    }
    for (String name : late) {
      move(name, next, before.get(name), problems);
    }
  }

  /** Opens a listener where it should be, or leaves it at, or returns it to, where it was. */
  private void move(String name, Next next, @Nullable HostPort before, List<IOException> problems) {
    LiveListener live = listeners.get(name);
    LiveListener moving = live == null ? listener(name, next) : live;
    try {
      moving.open(bootstrap, next.listener(name).address());
      listeners.put(name, moving);
    } catch (IOException e) {
      problems.add(e);
      if (live == null) {
        moving.discard();
      } else if (before != null) {
        reopen(live, before, problems);
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

  private LiveListener listener(String name, Next next) {
    Map<EventLoop, ListenerHandler> entrances = new HashMap<>();
    Map<EventLoop, ServerPort.Served> served = new HashMap<>();
    workers.forEach((loop, worker) -> {
      ListenerHandler entrance = new ListenerHandler(next.gate(name, loop, worker));
      entrances.put(loop, entrance);
      served.put(loop, new ServerPort.Served(worker, entrance));
    });
    ListenerConfig config = next.listener(name);
    ReloadableFile<ServerTls> tls = next.tls.get(name);
    ServerPort port =
        new ServerPort(
            name,
            config,
            next.config.forwarding().maxConnectionAge(),
            served,
            tls == null ? null : tls.value(),
            telemetry.listener(name));
    return new LiveListener(port, entrances, config, tls);
  }

  /** All gates of an event loop in one turn, so that its requests see one configuration. */
  private void replaceGates(Next next) {
    List<Future<?>> done = new ArrayList<>();
    workers.forEach((loop, worker) -> {
      Map<LiveListener, RequestPipeline> gates = new HashMap<>();
      listeners.forEach((name, live) -> {
        if (next.config.listeners().containsKey(name)) {
          gates.put(live, next.gate(name, loop, worker));
        }
      });
      done.add(loop.submit(() -> gates.forEach((live, gate) -> live.become(loop, gate))));
    });
    done.forEach(d -> d.awaitUninterruptibly(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
  }

  private void retire(GatewayConfig config) {
    List<String> gone = new ArrayList<>(listeners.keySet());
    gone.removeAll(config.listeners().keySet());
    gone.forEach(name -> Objects.requireNonNull(listeners.remove(name)).retire());
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

  /** Lets no new connections in, for good. */
  public synchronized void close() {
    closed = true;
    listeners.values().forEach(LiveListener::closeChannel);
  }
}
