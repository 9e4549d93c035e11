package io.scopegate.gateway.configuration;

import io.scopegate.authz.KubernetesConfig;
import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.forward.ConcurrencyConfig;
import io.scopegate.gateway.forward.HealthCheckConfig;
import io.scopegate.gateway.forward.HealthConfig;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamConfig.Protocol;
import io.scopegate.gateway.forward.UpstreamService;
import io.scopegate.gateway.forward.UpstreamUrl;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks of {@code tempo} and {@code upstreams}. */
final class UpstreamsChecks {
  private static final KeyPath TEMPO = KeyPath.of("tempo");
  private static final KeyPath UPSTREAMS = KeyPath.of("upstreams");

  private static final Pattern PATH = Pattern.compile("/[!-~&&[^#]]*+");
  private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9_./-]*+");

  /** So that the length of the name is one byte. */
  private static final int MOST_SERVICE_CHARS = 100;

  private UpstreamsChecks() {}

  static void check(GatewayConfig config, Loaded<?> loaded) {
    if (config.tempo() != null && config.upstreams() != null) {
      loaded.problem(TEMPO, "", "given together with upstreams", "only one of the two");
    }
    if (config.tempo() == null && config.upstreams() == null) {
      loaded.problem(
          loaded.isGiven(UPSTREAMS) ? UPSTREAMS : TEMPO,
          "missing",
          "tempo with distributor and queryFrontend, or upstreams");
    }
    if (config.upstreams() != null) {
      config
          .upstreams()
          .forEach((name, it) -> {
            check(UPSTREAMS.key(name), it, loaded);
            checkService(UPSTREAMS.key(name), it, config, loaded);
          });
    }
  }

  private static void checkGrpcUrl(KeyPath path, UpstreamConfig upstream, Loaded<?> loaded) {
    UpstreamUrl grpc = upstream.grpcUrl();
    if (grpc == null) {
      return;
    }
    if (grpc.tls() != upstream.url().tls()) {
      loaded.problem(
          path,
          grpc,
          "has another scheme than url",
          upstream.url().tls() ? "https://host:port" : "http://host:port");
    }
    List<String> sources = upstream.sources();
    if (!sources.isEmpty()) {
      loaded.problem(
          path,
          grpc,
          "cannot be given together with " + sources.get(0),
          "an upstream of its own for gRPC");
    }
    if (upstream.protocol() == Protocol.HTTP1) {
      loaded.problem(
          path, grpc, "is of no use with protocol: http1, which has no gRPC", "another protocol");
    }
  }

  private static void checkHealthCheck(KeyPath path, UpstreamConfig upstream, Loaded<?> loaded) {
    HealthCheckConfig check = upstream.healthCheck();
    if (check == null) {
      return;
    }
    if (!PATH.matcher(check.path()).matches()) {
      loaded.problem(path.key("path"), check.path(), "is not a path", "a path like /ready");
    }
    if (check.service().length() > MOST_SERVICE_CHARS
        || !SERVICE.matcher(check.service()).matches()) {
      loaded.problem(
          path.key("service"), check.service(), "is not a service", "a name like tempopb.Querier");
    }
    boolean hasNoGrpc = upstream.protocol() == Protocol.HTTP1 && upstream.grpcUrl() == null;
    if (check.type() == HealthCheckConfig.Type.GRPC && check.port() == 0 && hasNoGrpc) {
      loaded.problem(
          path.key("type"), "grpc", "is of no use with protocol: http1, which has no gRPC", "http");
    }
  }

  private static void checkConcurrency(
      KeyPath path, @Nullable ConcurrencyConfig concurrency, Loaded<?> loaded) {
    if (concurrency == null) {
      return;
    }
    int initial = concurrency.initial();
    if (concurrency.max() < concurrency.min()) {
      loaded.problem(
          path.key("max"), concurrency.max(), "is less than min", concurrency.min() + " or more");
    } else if (initial < concurrency.min() || initial > concurrency.max()) {
      loaded.problem(
          path.key("initial"),
          initial,
          "is not between min and max",
          concurrency.min() + " to " + concurrency.max());
    }
  }

  private static void checkService(
      KeyPath path, UpstreamConfig upstream, GatewayConfig config, Loaded<?> loaded) {
    UpstreamService service = upstream.service();
    if (service == null) {
      return;
    }
    KeyPath key = path.key("service");
    if (config.authentication().kubernetes().mode() == KubernetesConfig.Mode.OFF) {
      loaded.problem(
          key,
          service,
          "needs the API server, which authentication.kubernetes.mode: off never asks",
          "another mode, or the name of a headless Service in url");
    }
  }

  private static void checkSources(KeyPath path, UpstreamConfig upstream, Loaded<?> loaded) {
    List<String> sources = upstream.sources();
    if (sources.size() > 1) {
      loaded.problem(
          path.key(sources.get(1)),
          "",
          "cannot be given together with " + sources.get(0),
          "one of endpoints, service and srv");
    }
    if (upstream.url().socket() != null && !sources.isEmpty()) {
      loaded.problem(
          path.key("url"),
          upstream.url(),
          "cannot be given together with " + sources.get(0),
          "http://NAME:PORT, as requests name it");
    }
  }

  private static void check(KeyPath path, UpstreamConfig upstream, Loaded<?> loaded) {
    boolean tls = upstream.url().tls();
    if (upstream.protocol() == Protocol.H2 && !tls) {
      loaded.problem(path.key("protocol"), "h2", "needs an https URL", "h2c, http1 or auto");
    }
    if (upstream.protocol() == Protocol.H2C && tls) {
      loaded.problem(path.key("protocol"), "h2c", "needs an http URL", "h2, http1 or auto");
    }
    checkGrpcUrl(path.key("grpcUrl"), upstream, loaded);
    checkSources(path, upstream, loaded);
    checkHealthCheck(path.key("healthCheck"), upstream, loaded);
    checkConcurrency(path.key("concurrency"), upstream.concurrency(), loaded);
    HealthConfig health = upstream.health();
    if (health.maxLeaveOut().compareTo(health.leaveOut()) < 0) {
      loaded.problem(
          path.key("health").key("maxLeaveOut"),
          health.maxLeaveOut().toMillis() + "ms",
          "is less than leaveOut",
          health.leaveOut().toMillis() + "ms or more");
    }
    new CertificateChecks(loaded).checkClient(path.key("tls"), tls, upstream.tls());
  }
}
