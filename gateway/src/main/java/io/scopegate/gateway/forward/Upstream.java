package io.scopegate.gateway.forward;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.config.Host;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.exchange.Timeouts;
import io.scopegate.gateway.forward.UpstreamConfig.Protocol;
import io.scopegate.gateway.telemetry.UpstreamMeters;
import io.scopegate.gateway.tls.UpstreamTls;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One upstream, as one event loop sees it. */
public final class Upstream implements Destination {
  /** The largest response head that is taken from an upstream. */
  static final int MAX_HEADER_BYTES = 64 << 10;

  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final AsciiString HTTPS = AsciiString.cached("https");

  private final String name;
  private final Timeouts timeouts;
  private final AsciiString scheme;
  private final @Nullable AsciiString prefix;
  private final @Nullable AsciiString host;
  private final @Nullable AsciiString grpcHost;
  private final boolean grpcByHttp2;
  private final boolean restByHttp2;
  private final LoopContext worker;
  private final String sourceName;
  private final Duration connectTimeout;
  private final boolean hedges;
  private final Affinity affinity;
  private final EndpointSet grpc;
  private final EndpointSet rest;

  /**
   * What the event loops of an upstream share.
   *
   * @param service the Service whose servers it has; null for none
   * @param checks active checks of its servers; null for none
   */
  public record Shared(@Nullable FollowedService service, @Nullable EndpointChecks checks) {
    /** Nothing. */
    public static final Shared NOTHING = new Shared(null, null);
  }

  /**
   * An upstream.
   *
   * @param name its name in the configuration
   * @param loops how many event loops share its connections
   * @param tls TLS towards it; null for clear text
   * @param shared what it shares with the other event loops
   */
  public Upstream(
      String name,
      UpstreamConfig config,
      LoopContext worker,
      Transport transport,
      int loops,
      @Nullable UpstreamTls tls,
      Shared shared,
      UpstreamMeters meters) {
    this.name = name;
    this.worker = worker;
    sourceName = config.srv() == null ? config.url().host() : config.srv().name();
    connectTimeout = config.timeouts().connect();
    TimeoutsConfig t = config.timeouts();
    timeouts = new Timeouts(t.firstByte().toNanos(), t.idle().toNanos(), t.exchange().toNanos());
    scheme = tls == null ? HTTP : HTTPS;
    prefix = config.pathPrefix() == null ? null : new AsciiString(config.pathPrefix().text());
    host = host(config, false);
    grpcHost = host(config, true);
    grpcByHttp2 = config.protocol() != Protocol.HTTP1 || config.grpcUrl() != null;
    restByHttp2 = config.protocol() == Protocol.H2 || config.protocol() == Protocol.H2C;
    hedges = config.hedging() != null;
    affinity = config.affinity();
    Making making = new Making(name, config, worker, transport, loops, tls, shared, meters);
    rest = making.set(false, restByHttp2);
    grpc = config.grpcUrl() == null ? rest : making.set(true, true);
  }

  private static @Nullable AsciiString host(UpstreamConfig config, boolean isGrpc) {
    return config.host().isClients() ? null : new AsciiString(config.host().of(config.url(isGrpc)));
  }

  /** What its sets of endpoints are made of. */
  private record Making(
      String name,
      UpstreamConfig config,
      LoopContext worker,
      Transport transport,
      int loops,
      @Nullable UpstreamTls tls,
      Shared shared,
      UpstreamMeters meters) {

    EndpointSet set(boolean isGrpc, boolean probesHttp2) {
      ConnectionsConfig c = config.connections();
      EndpointSet[] made = new EndpointSet[1];
      made[0] =
          new EndpointSet(
              new EndpointSet.Parts(
                  config,
                  worker,
                  source(isGrpc),
                  (to, http2) -> connector(made, config.url(isGrpc), to, http2),
                  new UpstreamEndpoint.Sizes(
                      share(c.max()), share(c.http2()), share(c.pending()), loops),
                  probesHttp2,
                  meters,
                  isChecked(isGrpc) ? shared.checks() : null,
                  worker::nowNanos,
                  new SplittableRandom()));
      made[0].start();
      return made[0];
    }

    /** With two ports only that one is checked which the check is meant for. */
    private boolean isChecked(boolean isGrpc) {
      HealthCheckConfig check = config.healthCheck();
      return check != null
          && (config.grpcUrl() == null || isGrpc == (check.type() == HealthCheckConfig.Type.GRPC));
    }

    private EndpointSource source(boolean isGrpc) {
      FollowedService service = shared.service();
      if (service != null) {
        return new ServiceEndpoints(service, worker.eventLoop, config.timeouts().connect());
      }
      NameResolver names = transport.names(worker.eventLoop);
      Host srv = config.srv();
      return srv == null
          ? new ListedEndpoints(config.places(isGrpc), names)
          : new SrvEndpoints(
              srv.name(), transport.records(worker.eventLoop), names, worker::nowNanos);
    }

    private Connector connector(
        EndpointSet[] made, UpstreamUrl url, @Nullable EndpointAddress to, boolean http2) {
      if (to == null) {
        return new LookUpConnector(
            name, config, worker, System::nanoTime, failed -> made[0].lookUps().lookUpFor(failed));
      }
      UpstreamTls.Beginning begin = tls == null ? null : http2 ? tls::begin2 : tls::begin1;
      return new SocketConnector(name, config, url, to, worker, transport, begin, meters);
    }

    private int share(int all) {
      return Math.max(1, (all + loops - 1) / loops);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Timeouts timeouts() {
    return timeouts;
  }

  @Override
  public AsciiString scheme() {
    return scheme;
  }

  @Override
  public void locate(Http2Headers head, boolean isGrpc) {
    if (prefix != null && !isGrpc) {
      head.path(prefix.concat(head.path()));
    }
    if (host != null) {
      head.authority(isGrpc ? grpcHost : host);
    }
  }

  /**
   * Which servers it has now; for any thread. A name is looked up for it.
   *
   * @return completes with one at least; fails, in words, when there is none
   */
  public Future<List<UpstreamPlace>> servers() {
    Promise<List<UpstreamPlace>> told = Promise.promise();
    worker.eventLoop.execute(() ->
        rest.lookUps()
            .tell(all -> told.tryComplete(places(all)), why -> told.tryFail(inWords(why))));
    return told.future();
  }

  private static List<UpstreamPlace> places(List<EndpointAddress> all) {
    return all.stream().map(one -> UpstreamPlace.parse(one.text())).toList();
  }

  private IOException inWords(Throwable why) {
    return new IOException(Causes.words(why, sourceName, connectTimeout), why);
  }

  /**
   * Gets no further requests: connections close as they become free, including those opened for
   * late requests. On the event loop.
   */
  public void retire() {
    grpc.retire();
    rest.retire();
  }

  @Override
  public boolean hedges() {
    return hedges;
  }

  @Override
  public StreamEnd openHedged(@Nullable TenantMemoryShare tenant, long key) {
    return rest.openHedged(restByHttp2, tenant, key);
  }

  @Override
  public Affinity affinity() {
    return affinity;
  }

  @Override
  public StreamEnd open(boolean isGrpc, @Nullable TenantMemoryShare tenant, long key) {
    return isGrpc ? grpc.open(grpcByHttp2, tenant, key) : rest.open(restByHttp2, tenant, key);
  }

  @Override
  public StreamEnd open(boolean isGrpc, @Nullable TenantMemoryShare tenant) {
    return isGrpc ? grpc.open(grpcByHttp2, tenant) : rest.open(restByHttp2, tenant);
  }
}
