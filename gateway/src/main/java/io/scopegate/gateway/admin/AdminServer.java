package io.scopegate.gateway.admin;

import io.scopegate.gateway.telemetry.Scrape;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators and the kubelet ask: {@code /metrics}, {@code /livez}, {@code /readyz} and {@code
 * grpc.health.v1}, on one port, over HTTP/1.1 and clear-text HTTP/2. It has no authentication, so
 * it tells nothing about tenants beyond their names in metrics.
 */
public final class AdminServer {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String JSON = "application/json";

  /** So many pages of metrics at a time: one takes memory until its client has read it. */
  static final int MOST_SCRAPES = 8;

  static final PortBounds BOUNDS =
      new PortBounds(64, 16, 4096, 8192, 4096, Duration.ofSeconds(10), Duration.ofSeconds(10));

  private final Vertx vertx;
  private final Function<@Nullable String, Scrape> metrics;
  private final Readiness readiness;
  private final HealthService health;
  private final GrpcServer grpc;
  private final Router router;
  private final HttpServer server;
  private final PortBounds bounds;
  private final BoundedConnections connections;
  private final AtomicInteger scrapes = new AtomicInteger();
  private final AtomicBoolean unreadable = new AtomicBoolean();

  /**
   * A server that is not open yet.
   *
   * @param metrics everything in the format that the given header {@code Accept} asks for, which is
   *     null without one; called on a worker thread
   * @param readiness what {@code /readyz} and the health service tell
   * @param grpcServices the gRPC services whose health is told, besides the one without a name
   */
  public AdminServer(
      Vertx vertx,
      Function<@Nullable String, Scrape> metrics,
      Readiness readiness,
      Set<String> grpcServices) {
    this(vertx, metrics, readiness, grpcServices, BOUNDS);
  }

  AdminServer(
      Vertx vertx,
      Function<@Nullable String, Scrape> metrics,
      Readiness readiness,
      Set<String> grpcServices,
      PortBounds bounds) {
    this.bounds = bounds;
    this.connections = new BoundedConnections(vertx, bounds);
    this.vertx = vertx;
    this.metrics = metrics;
    this.readiness = readiness;
    this.grpc =
        GrpcServer.server(vertx, new GrpcServerOptions().setMaxMessageSize(bounds.bodyBytes()));
    this.health = new HealthService(vertx, readiness, grpcServices);
    health.addTo(grpc);
    this.router = router();
    this.server =
        connections.watch(vertx.createHttpServer(bounds.options())).requestHandler(this::handle);
  }

  private void handle(HttpServerRequest request) {
    if (!connections.admits(request)) {
      return;
    }
    if (isGrpc(request)) {
      grpc.handle(request);
    } else {
      router.handle(request);
    }
  }

  /**
   * Opens the port.
   *
   * @param port 0 for any that is free
   * @return completes with the port when it is open; fails when it cannot be bound
   */
  public Future<Integer> listen(String host, int port) {
    connections.start();
    return server.listen(port, host).map(HttpServer::actualPort);
  }

  /**
   * Closes the port and its connections.
   *
   * @return completes when they are closed
   */
  public Future<Void> close() {
    connections.stop();
    return server.close();
  }

  /** The endpoints by HTTP, each as {@code METHOD /path}; a page of the reference lists them. */
  Set<String> endpoints() {
    return router.getRoutes().stream()
        .map(Route::getPath)
        .filter(path -> path != null && !path.equals("/"))
        .map(path -> "GET " + path)
        .collect(Collectors.toSet());
  }

  /** How many streams watch the health service. */
  int watchers() {
    return health.watchers();
  }

  private static boolean isGrpc(HttpServerRequest request) {
    String contentType = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return contentType != null && contentType.startsWith("application/grpc");
  }

  private Router router() {
    Router made = Router.router(vertx);
    made.route("/*").handler(AdminServer::onlyReads);
    made.route("/metrics").handler(this::metrics);
    made.route("/livez").handler(context -> answer(context, 200, TEXT, Buffer.buffer("ok\n")));
    made.route("/readyz").handler(this::readyz);
    made.route().handler(context -> answer(context, 404, TEXT, Buffer.buffer("not found\n")));
    return made;
  }

  private static void onlyReads(RoutingContext context) {
    HttpMethod method = context.request().method();
    if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
      context.next();
    } else {
      context.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
      answer(context, 405, TEXT, Buffer.buffer("method not allowed\n"));
    }
  }

  private void metrics(RoutingContext context) {
    if (scrapes.incrementAndGet() > MOST_SCRAPES) {
      scrapes.decrementAndGet();
      answer(context, 503, TEXT, Buffer.buffer("metrics: too many at a time; try again\n"));
      return;
    }
    String accept = context.request().getHeader(HttpHeaders.ACCEPT);
    vertx
        .executeBlocking(() -> metrics.apply(accept), false)
        .onSuccess(page -> unreadable.set(false))
        .onFailure(e -> unreadable(context, e))
        .compose(page -> readInTime(context, page))
        .onComplete(read -> scrapes.decrementAndGet());
  }

  /** The log has the first of a row: one bad metric keeps all of them from being read. */
  private void unreadable(RoutingContext context, Throwable e) {
    if (!unreadable.getAndSet(true)) {
      LOG.error("metrics: they cannot be read", e);
    }
    answer(context, 500, TEXT, Buffer.buffer("metrics: they cannot be read; see the log\n"));
  }

  /** The page is large: a client that does not read it must not hold on to it. */
  private Future<Void> readInTime(RoutingContext context, Scrape page) {
    Future<Void> written = answer(context, 200, page.contentType(), Buffer.buffer(page.body()));
    long late =
        vertx.setTimer(
            bounds.patience().toMillis(), timer -> context.request().connection().close());
    return written.onComplete(done -> vertx.cancelTimer(late));
  }

  private void readyz(RoutingContext context) {
    List<String> reasons = readiness.reasons();
    int status = reasons.isEmpty() ? 200 : 503;
    if (wantsJson(context.request())) {
      JsonObject body =
          new JsonObject()
              .put("ready", reasons.isEmpty())
              .put("reasons", new JsonArray(reasons))
              .put("warnings", new JsonArray(readiness.warnings()));
      answer(context, status, JSON, body.toBuffer());
    } else {
      String text = reasons.isEmpty() ? "ok" : "not ready: " + String.join(", ", reasons);
      List<String> warnings = readiness.warnings();
      String also = warnings.isEmpty() ? "" : "warning: " + String.join(", ", warnings) + "\n";
      answer(context, status, TEXT, Buffer.buffer(text + "\n" + also));
    }
  }

  private static boolean wantsJson(HttpServerRequest request) {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    return (accept != null && accept.contains(JSON)) || request.params().contains("verbose");
  }

  private static Future<Void> answer(RoutingContext context, int status, String type, Buffer body) {
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    if (context.request().method().equals(HttpMethod.HEAD)) {
      return context.end();
    }
    return context.end(body);
  }
}
