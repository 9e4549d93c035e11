package io.scopegate.gateway.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.scopegate.config.HostPort;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What operators and the kubelet ask: {@code /metrics}, {@code /livez}, {@code /readyz} and {@code
 * grpc.health.v1}, on one port, over HTTP/1.1 and clear-text HTTP/2. It has no authentication, so
 * it tells nothing about tenants beyond their names in metrics.
 */
public final class AdminServer {
  private static final String JSON = "application/json";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private static final AdminPort.Bounds BOUNDS =
      new AdminPort.Bounds(64, 16, 4 * 1024, 16 * 1024, 4 * 1024, Duration.ofSeconds(10));

  /** So many pages of metrics may be on their way to those who asked. */
  private static final int MOST_PAGES = 8;

  private final Vertx vertx;
  private final Supplier<byte[]> metrics;
  private final Readiness readiness;
  private final HealthService health;
  private final AdminPort port;
  private final AtomicInteger pages = new AtomicInteger();
  private final AtomicReference<@Nullable Future<byte[]>> rendering = new AtomicReference<>();
  private final Map<String, Consumer<AdminRequest>> endpoints =
      Map.of(
          "/metrics", this::metrics,
          "/livez", request -> request.answer(200, AdminRequest.TEXT, "ok\n"),
          "/readyz", this::readyz);

  /**
   * A server that is not open yet.
   *
   * @param metrics everything in Prometheus' text format; called on a worker thread
   * @param readiness what {@code /readyz} and the health service tell
   * @param grpcServices the gRPC services whose health is told, besides the one without a name
   */
  public AdminServer(
      Vertx vertx, Supplier<byte[]> metrics, Readiness readiness, Set<String> grpcServices) {
    this(vertx, metrics, readiness, grpcServices, BOUNDS);
  }

  /** The same with bounds of a test's own. */
  AdminServer(
      Vertx vertx,
      Supplier<byte[]> metrics,
      Readiness readiness,
      Set<String> grpcServices,
      AdminPort.Bounds bounds) {
    this.vertx = vertx;
    this.metrics = metrics;
    this.readiness = readiness;
    this.health = new HealthService(readiness, grpcServices);
    this.port = new AdminPort(vertx, bounds, this::handle);
  }

  /**
   * Opens the port.
   *
   * @param number 0 for any that is free
   * @return completes with the port when it is open; fails when it cannot be bound
   */
  public Future<Integer> listen(String host, int number) {
    return port.listen(new HostPort(host, number));
  }

  /**
   * Closes the port and its connections.
   *
   * @return completes when they are closed
   */
  public Future<Void> close() {
    return port.close();
  }

  /** The endpoints by HTTP, each as {@code METHOD /path}; a page of the reference lists them. */
  Set<String> endpoints() {
    return endpoints.keySet().stream().map(path -> "GET " + path).collect(Collectors.toSet());
  }

  /** How many streams watch the health service. */
  int watchers() {
    return health.watchers();
  }

  private void handle(AdminRequest request) {
    if (request.isGrpc()) {
      health.handle(request);
      return;
    }
    HttpMethod method = request.method();
    Consumer<AdminRequest> endpoint = endpoints.get(request.path());
    if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
      request.answer(405, AdminRequest.TEXT, "method not allowed\n", "allow", "GET, HEAD");
    } else if (endpoint == null) {
      request.answer(404, AdminRequest.TEXT, "not found\n");
    } else {
      endpoint.accept(request);
    }
  }

  private void metrics(AdminRequest request) {
    if (pages.incrementAndGet() > MOST_PAGES) {
      pages.decrementAndGet();
      request.answer(503, AdminRequest.TEXT, "metrics: too many at a time; try again\n");
      return;
    }
    request.whenOver(pages::decrementAndGet);
    page()
        .onSuccess(text -> request.answer(200, PROMETHEUS, text))
        .onFailure(e -> request.answer(500, AdminRequest.TEXT, "metrics: failed\n"));
  }

  /** One for all who ask while it is made. */
  private Future<byte[]> page() {
    Future<byte[]> begun = rendering.get();
    if (begun != null) {
      return begun;
    }
    Promise<byte[]> rendered = Promise.promise();
    Future<byte[]> page = rendered.future();
    rendering.set(page);
    vertx
        .executeBlocking(
            () -> {
              rendered.complete(metrics.get());
              return true;
            },
            false)
        .onFailure(rendered::fail);
    return page.onComplete(done -> rendering.compareAndSet(page, null));
  }

  private void readyz(AdminRequest request) {
    List<String> reasons = readiness.reasons();
    int status = reasons.isEmpty() ? 200 : 503;
    if (wantsJson(request)) {
      JsonObject body =
          new JsonObject().put("ready", reasons.isEmpty()).put("reasons", new JsonArray(reasons));
      request.answer(status, JSON, body.encode());
    } else {
      String text = reasons.isEmpty() ? "ok" : "not ready: " + String.join(", ", reasons);
      request.answer(status, AdminRequest.TEXT, text + "\n");
    }
  }

  private static boolean wantsJson(AdminRequest request) {
    String accept = request.headers().get(HttpHeaderNames.ACCEPT);
    return accept != null && accept.contains(JSON) || request.hasParameter("verbose");
  }
}
