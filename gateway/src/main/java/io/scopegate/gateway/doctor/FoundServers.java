package io.scopegate.gateway.doctor;

import io.netty.channel.EventLoop;
import io.scopegate.authz.kubernetes.ApiProbe;
import io.scopegate.authz.kubernetes.ServicePort;
import io.scopegate.authz.kubernetes.ServiceServers;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.forward.SrvServers;
import io.scopegate.gateway.forward.Transport;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamPlace;
import io.scopegate.gateway.forward.UpstreamService;
import io.scopegate.gateway.probe.ServerFinder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The servers of upstreams by a Service or SRV records, asked for once. */
final class FoundServers implements ServerFinder, AutoCloseable {
  private final Vertx vertx;
  private final GatewayConfig config;
  private final Duration timeout;
  private @Nullable Transport transport;

  FoundServers(Vertx vertx, GatewayConfig config, Duration timeout) {
    this.vertx = vertx;
    this.config = config;
    this.timeout = timeout;
  }

  @Override
  public Future<List<UpstreamPlace>> find(String upstream, UpstreamConfig of) {
    UpstreamService service = of.service();
    return service == null
        ? bySrv(Objects.requireNonNull(of.srv(), "srv").name())
        : vertx.executeBlocking(() -> ofService(service), false).map(Objects::requireNonNull);
  }

  private Future<List<UpstreamPlace>> bySrv(String name) {
    Transport asking = transport;
    if (asking == null) {
      asking = new Transport(vertx.isNativeTransportEnabled());
      transport = asking;
    }
    EventLoop loop = ((VertxInternal) vertx).nettyEventLoopGroup().next();
    return SrvServers.find(name, loop, asking, timeout);
  }

  private List<UpstreamPlace> ofService(UpstreamService it) throws Exception {
    try (ApiProbe api = ApiProbe.open(config.authentication().kubernetes(), timeout)) {
      ServiceServers servers =
          api.servers(
              new ServicePort(it.namespace(), it.name(), it.port(), config.forwarding().zone()));
      if (servers.all().isEmpty()) {
        throw new IOException(servers.whyNone());
      }
      return servers.all().stream()
          .map(one -> new UpstreamPlace(one.address(), one.port(), null))
          .toList();
    }
  }

  @Override
  public void close() {
    Transport asked = transport;
    if (asked != null) {
      asked.close();
    }
  }
}
