package io.scopegate.gateway.reload;

import io.netty.channel.EventLoop;
import io.scopegate.gateway.access.Access;
import io.scopegate.gateway.access.AuditOnlyAccess;
import io.scopegate.gateway.access.HeaderRules;
import io.scopegate.gateway.access.RewritesConfig;
import io.scopegate.gateway.answer.Cors;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.exchange.LoopContext;
import io.scopegate.gateway.forward.ForwardingConfig;
import io.scopegate.gateway.forward.RequestHeaders;
import io.scopegate.gateway.forward.Upstream;
import io.scopegate.gateway.limit.Limiter;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.RouteConfig;
import io.scopegate.gateway.request.RequestPipeline;
import io.scopegate.gateway.request.RequestPlan;
import io.scopegate.gateway.route.EndpointTable;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.gateway.tls.ServerTls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a configuration needs, read and made before any of it takes effect. */
final class PreparedConfiguration {
  private final GatewayConfig config;
  private final Access access;
  private final RequestHeaders headers;
  private final LiveLimits.Prepared limits;
  private final Map<String, LiveUpstream> upstreams = new LinkedHashMap<>();
  private final Map<String, ReloadableFile<ServerTls>> tls = new HashMap<>();
  private final Map<String, EndpointTable> tables = new HashMap<>();
  private final List<Runnable> made = new ArrayList<>();
  private LiveExports.Prepared exports = LiveExports.Prepared.NONE;

  PreparedConfiguration(InForce next, LiveLimits.Prepared limits) {
    this.config = next.config();
    this.access = next.access();
    this.limits = limits;
    ForwardingConfig forwarding = config.forwarding();
    RewritesConfig rewrites = config.authorization().rewrites();
    HeaderRules rules =
        new HeaderRules(
            config.tenancy().header(),
            forwarding.stripAuthorization(),
            forwarding.ownHeaders(),
            rewrites == null ? null : rewrites.header());
    this.headers = new RequestHeaders(rules, forwarding);
  }

  GatewayConfig config() {
    return config;
  }

  LiveLimits.Prepared limits() {
    return limits;
  }

  Map<String, LiveUpstream> upstreams() {
    return upstreams;
  }

  void exported(LiveExports.Prepared by) {
    exports = by;
  }

  LiveExports.Prepared exports() {
    return exports;
  }

  ListenerConfig listener(String name) {
    return Objects.requireNonNull(config.listeners().get(name), name);
  }

  /** A listener's certificates; null without TLS. */
  @Nullable ReloadableFile<ServerTls> tls(String listener) {
    return tls.get(listener);
  }

  void reuse(String name, LiveUpstream upstream) {
    upstreams.put(name, upstream);
  }

  void made(String name, LiveUpstream upstream) {
    upstreams.put(name, upstream);
    made.add(upstream::discard);
  }

  void reuse(String listener, ReloadableFile<ServerTls> certificates) {
    tls.put(listener, certificates);
  }

  void made(String listener, ReloadableFile<ServerTls> certificates) {
    tls.put(listener, certificates);
    made.add(certificates::close);
  }

  /** Releases what was prepared but is not used; what is reused stays. */
  void discard() {
    made.forEach(Runnable::run);
  }

  /** The pipeline for requests of a listener on an event loop. */
  RequestPipeline pipeline(
      String name, EventLoop loop, LoopContext worker, Limiter limiter, Telemetry telemetry) {
    ListenerConfig listener = listener(name);
    List<Upstream> routes = new ArrayList<>();
    for (RouteConfig route : listener.effectiveRoutes()) {
      routes.add(Objects.requireNonNull(upstreams.get(route.upstream())).on(loop));
    }
    return new RequestPipeline(
        worker,
        new RequestPlan(
            tables.computeIfAbsent(name, n -> listener.endpoints(config.tenancy().header())),
            Cors.of(listener.cors(), config.tenancy().header()),
            listener.tls().clearTextTokens()),
        routes,
        listener.isAuditOnly(config.authorization().enforce())
            ? new AuditOnlyAccess(access, config.authorization(), config.tenancy())
            : access,
        headers,
        telemetry,
        limiter.admissions(name, listener.limits(), worker));
  }
}
