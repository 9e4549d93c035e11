package io.scopegate.gateway.admin;

import io.scopegate.config.HostPort;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What a person asks a running gateway, on a port of its own that is on loopback by default: a page
 * for browsers, and the same as JSON. It has no authentication: anybody who reaches it sees the
 * configuration, with secrets masked, and which requests were refused. {@link SameOrigin} keeps web
 * pages of others out.
 */
public final class ConsoleServer {
  private static final int MOST_BODY_BYTES = 32 * 1024;

  /**
   * A token and a path are as large here as where requests come; an answer may wait for Kubernetes.
   */
  private static final PortBounds BOUNDS =
      new PortBounds(
          16,
          4,
          32 * 1024,
          32 * 1024,
          MOST_BODY_BYTES,
          Duration.ofSeconds(10),
          Duration.ofSeconds(60));

  private final Vertx vertx;
  private final Console console;
  private final ConsoleView view;
  private final ConsoleEvents events;
  private final HostPort address;
  private final SameOrigin origin;
  private final Router router;
  private final HttpServer server;
  private final BoundedConnections connections;

  /**
   * A server that is not open yet.
   *
   * @param readiness what the page says about the gateway as a whole
   * @param address where it will be
   */
  public ConsoleServer(Vertx vertx, Console console, Readiness readiness, HostPort address) {
    this(vertx, console, readiness, address, ConsoleEvents.Times.USUAL);
  }

  ConsoleServer(
      Vertx vertx,
      Console console,
      Readiness readiness,
      HostPort address,
      ConsoleEvents.Times times) {
    this.vertx = vertx;
    this.console = console;
    this.view = new ConsoleView(console, readiness);
    this.events = new ConsoleEvents(vertx, console, view, times);
    this.address = address;
    this.origin = new SameOrigin(address);
    this.router = router();
    this.connections = new BoundedConnections(vertx, BOUNDS);
    this.server =
        connections
            .watch(
                vertx.createHttpServer(
                    BOUNDS.options().setMaxFormFields(ExplainHandler.PARAMETERS.size())))
            .requestHandler(this::handle);
  }

  private void handle(HttpServerRequest request) {
    if (connections.admits(request)) {
      router.handle(request);
    }
  }

  /**
   * Opens the port.
   *
   * @return completes with the port when it is open; fails when it cannot be bound
   */
  public Future<Integer> listen() {
    connections.start();
    return server.listen(address.port(), address.host()).map(HttpServer::actualPort);
  }

  /**
   * Closes the port and its connections.
   *
   * @return completes when they are closed
   */
  public Future<Void> close() {
    events.close();
    connections.stop();
    return server.close();
  }

  /** Who looks at the page. */
  ConsoleEvents events() {
    return events;
  }

  /** The endpoints, each as {@code METHOD /path}, sorted; a page of the reference lists them. */
  Set<String> endpoints() {
    Set<String> endpoints = new TreeSet<>();
    for (Route route : router.getRoutes()) {
      if (route.methods() != null) {
        route.methods().forEach(method -> endpoints.add(method + " " + route.getPath()));
      }
    }
    return endpoints;
  }

  private Router router() {
    Router made = Router.router(vertx);
    made.route().handler(this::onlySameOrigin);
    made.get("/").handler(context -> file(context, ConsolePage.INDEX));
    made.get("/assets/:name").handler(this::asset);
    made.get("/api/events").handler(events::subscribe);
    ExplainHandler explain = new ExplainHandler(console);
    BodyHandler body = BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES);
    made.get("/api/explain").handler(explain);
    made.post("/api/explain").handler(body).handler(explain);
    made.get("/api/config").handler(this::configuration);
    made.get("/api/reload").handler(context -> json(context, view::reload));
    made.get("/api/cluster").handler(context -> json(context, view::cluster));
    made.get("/api/upstreams").handler(context -> json(context, view::upstreams));
    made.get("/api/certificates").handler(context -> json(context, view::certificates));
    made.get("/api/refusals").handler(context -> json(context, this::refusals));
    made.errorHandler(404, context -> ConsoleAnswer.text(context, 404, "not found\n"));
    made.errorHandler(405, context -> ConsoleAnswer.text(context, 405, "method not allowed\n"));
    made.errorHandler(413, context -> ConsoleAnswer.text(context, 413, "body: too large\n"));
    return made;
  }

  private void onlySameOrigin(RoutingContext context) {
    String flaw = origin.flaw(context.request());
    if (flaw == null) {
      context.next();
    } else {
      ConsoleAnswer.text(context, 403, flaw + "\n");
    }
  }

  private void asset(RoutingContext context) {
    String name = context.pathParam("name");
    file(context, name == null ? "" : name);
  }

  private void file(RoutingContext context, String name) {
    if (!ConsolePage.names().contains(name)) {
      context.fail(404);
      return;
    }
    vertx
        .executeBlocking(() -> ConsolePage.read(name), false)
        .onSuccess(file -> ConsoleAnswer.file(context, file))
        .onFailure(context::fail);
  }

  private void configuration(RoutingContext context) {
    vertx
        .executeBlocking(console::configuration, false)
        .onSuccess(yaml -> ConsoleAnswer.of(context, ConsoleAnswer.YAML, yaml))
        .onFailure(context::fail);
  }

  private JsonObject refusals() {
    return view.refusals(Integer.MAX_VALUE);
  }

  private static void json(RoutingContext context, Supplier<JsonObject> shown) {
    ConsoleAnswer.of(context, ConsoleAnswer.JSON, shown.get().encode() + "\n");
  }
}
