package io.scopegate.gateway.reload;

import io.netty.channel.EventLoop;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.forward.EndpointChecks;
import io.scopegate.gateway.forward.FollowedService;
import io.scopegate.gateway.forward.ServiceDirectory;
import io.scopegate.gateway.forward.Transport;
import io.scopegate.gateway.forward.Upstream;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamPlace;
import io.scopegate.gateway.telemetry.UpstreamMeters;
import io.scopegate.gateway.tls.UpstreamTls;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One upstream as configured, with its pools on every event loop. */
final class LiveUpstream {
  private final @Nullable ReloadableFile<UpstreamTls> tls;
  private final @Nullable FollowedService service;
  private final Map<EventLoop, Upstream> loops = new HashMap<>();

  LiveUpstream(
      String name,
      UpstreamConfig config,
      @Nullable ReloadableFile<UpstreamTls> tls,
      Map<EventLoop, LoopContext> workers,
      Transport transport,
      ServiceDirectory services,
      UpstreamMeters meters) {
    this.tls = tls;
    this.service = config.service() == null ? null : FollowedService.of(config.service(), services);
    Upstream.Shared shared = new Upstream.Shared(service, EndpointChecks.of(name, config));
    UpstreamTls contexts = tls == null ? null : tls.value();
    workers.forEach((loop, worker) ->
        loops.put(
            loop,
            new Upstream(
                name, config, worker, transport, workers.size(), contexts, shared, meters)));
  }

  /** What new connections show and check; null for clear text. */
  @Nullable UpstreamTls tls() {
    return tls == null ? null : tls.value();
  }

  /** As {@link Upstream#servers()}, by one event loop. */
  Future<List<UpstreamPlace>> servers() {
    return loops.values().iterator().next().servers();
  }

  /** As one event loop sees it. */
  Upstream on(EventLoop loop) {
    return Objects.requireNonNull(loops.get(loop), "loop");
  }

  /**
   * Gets no further requests: those in progress end, and connections close when they become idle.
   */
  void retire() {
    discard();
    loops.forEach((loop, upstream) -> loop.execute(upstream::retire));
  }

  /** Releases an upstream that was never used. */
  void discard() {
    if (tls != null) {
      tls.close();
    }
    if (service != null) {
      service.close();
    }
  }
}
