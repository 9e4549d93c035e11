package io.scopegate.gateway.admin;

import io.scopegate.config.HostPort;
import io.scopegate.config.Secret;
import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.explain.ExplanationJson;
import io.scopegate.gateway.explain.ExplanationText;
import io.scopegate.gateway.telemetry.ClusterState;
import io.scopegate.gateway.telemetry.RecentRefusals;
import io.scopegate.gateway.telemetry.UpstreamEndpointState;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
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
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a person asks a running gateway, on a port of its own that is on loopback by default. It has
 * no authentication: anybody who reaches it sees the configuration, with secrets masked, and which
 * requests were refused. {@link SameOrigin} keeps web pages of others out.
 */
public final class ConsoleServer {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String JSON = "application/json";
  private static final String YAML = "application/yaml";
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

  /** So many questions at a time; each may wait for the API server. */
  private static final int MOST_EXPLAINING = 16;

  private static final Set<String> PARAMETERS =
      new TreeSet<>(
          Set.of(
              "tenant",
              "method",
              "path",
              "grpc",
              "listener",
              "format",
              "content_type",
              "http",
              "clear_text",
              "origin",
              "host",
              "as",
              "groups"));

  private final Vertx vertx;
  private final Console console;
  private final HostPort address;
  private final SameOrigin origin;
  private final Router router;
  private final HttpServer server;
  private final BoundedConnections connections;
  private final AtomicInteger explaining = new AtomicInteger();

  /**
   * A server that is not open yet.
   *
   * @param address where it will be
   */
  public ConsoleServer(Vertx vertx, Console console, HostPort address) {
    this.vertx = vertx;
    this.console = console;
    this.address = address;
    this.origin = new SameOrigin(address);
    this.router = router();
    this.connections = new BoundedConnections(vertx, BOUNDS);
    this.server =
        connections
            .watch(vertx.createHttpServer(BOUNDS.options().setMaxFormFields(PARAMETERS.size())))
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
    connections.stop();
    return server.close();
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
    BodyHandler body = BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES);
    made.get("/api/explain").handler(this::explain);
    made.post("/api/explain").handler(body).handler(this::explain);
    made.get("/api/config").handler(this::configuration);
    made.get("/api/cluster").handler(this::cluster);
    made.get("/api/upstreams").handler(this::upstreams);
    made.get("/api/refusals").handler(this::refusals);
    made.errorHandler(404, context -> answer(context, 404, TEXT, "not found\n"));
    made.errorHandler(405, context -> answer(context, 405, TEXT, "method not allowed\n"));
    made.errorHandler(413, context -> answer(context, 413, TEXT, "body: too large\n"));
    return made;
  }

  private void onlySameOrigin(RoutingContext context) {
    String flaw = origin.flaw(context.request());
    if (flaw == null) {
      context.next();
    } else {
      answer(context, 403, TEXT, flaw + "\n");
    }
  }

  // ---- explain

  private void explain(RoutingContext context) {
    if (explaining.incrementAndGet() > MOST_EXPLAINING) {
      explaining.decrementAndGet();
      answer(context, 503, TEXT, "explain: too many at a time; try again\n");
      return;
    }
    explained(context).onComplete(ended -> explaining.decrementAndGet()).onFailure(context::fail);
  }

  private Future<Void> explained(RoutingContext context) {
    try {
      MultiMap parameters = context.request().params();
      checkParameters(parameters);
      boolean text = "text".equals(parameters.get("format"));
      return console
          .explain(inquiry(context, parameters))
          .map(e -> text ? ExplanationText.of(e) : ExplanationJson.of(e).encodePrettily() + "\n")
          .map(body -> {
            answer(context, 200, text ? TEXT : JSON, body);
            return null;
          });
    } catch (IllegalArgumentException e) {
      answer(context, 400, TEXT, e.getMessage() + "\n");
      return Future.succeededFuture();
    }
  }

  private static void checkParameters(MultiMap parameters) {
    for (String name : parameters.names()) {
      if (!PARAMETERS.contains(name)) {
        throw new IllegalArgumentException(
            "parameter: unknown (expected: one of " + PARAMETERS + ")");
      }
      if (parameters.getAll(name).size() > 1) {
        throw new IllegalArgumentException(name + ": several (expected: one)");
      }
    }
    String format = parameters.get("format");
    if (format != null && !format.equals("text") && !format.equals("json")) {
      throw new IllegalArgumentException("format: unknown (expected: text or json)");
    }
  }

  /** The token stands in a header, as it does in the request that is explained. */
  private static ExplainRequest inquiry(RoutingContext context, MultiMap parameters) {
    List<Secret> authorization =
        context.request().headers().getAll(HttpHeaders.AUTHORIZATION).stream()
            .map(Secret::parse)
            .toList();
    String host = parameters.get("host");
    String clearText = parameters.get("clear_text");
    if (clearText != null && !clearText.equals("true") && !clearText.equals("false")) {
      throw new IllegalArgumentException("clear_text: unknown (expected: true or false)");
    }
    ExplainRequest inquiry =
        ExplainRequest.of(
            parameters.get("listener"),
            parameters.get("method"),
            parameters.get("path"),
            parameters.get("grpc"),
            new ExplainRequest.Headers(
                parameters.get("content_type"),
                parameters.get("tenant"),
                host == null ? List.of() : List.of(host),
                parameters.get("origin"),
                authorization),
            new ExplainRequest.Connection(parameters.get("http"), "true".equals(clearText)));
    return inquiry.as(parameters.get("as"), parameters.get("groups"));
  }

  // ---- what is

  private void configuration(RoutingContext context) {
    vertx
        .executeBlocking(console::configuration, false)
        .onSuccess(yaml -> answer(context, 200, YAML, yaml))
        .onFailure(context::fail);
  }

  private void cluster(RoutingContext context) {
    ClusterState state = console.cluster();
    JsonObject shown =
        new JsonObject()
            .put("watched", new JsonObject(new TreeMap<>(state.followed())))
            .put("circuit_open", state.circuitOpen())
            .put("issuer_keys", new JsonObject(new TreeMap<>(state.issuerKeys())));
    answer(context, 200, JSON, shown.encode() + "\n");
  }

  private void upstreams(RoutingContext context) {
    JsonObject all = new JsonObject();
    console
        .upstreams()
        .forEach((name, endpoints) -> {
          JsonArray shown = new JsonArray();
          endpoints.forEach(endpoint -> shown.add(json(endpoint)));
          all.put(name, shown);
        });
    answer(context, 200, JSON, new JsonObject().put("upstreams", all).encode() + "\n");
  }

  private static JsonObject json(UpstreamEndpointState endpoint) {
    JsonObject shown =
        new JsonObject()
            .put("endpoint", endpoint.endpoint())
            .put("usable", endpoint.usable())
            .put("requests", endpoint.requests())
            .put("failures", endpoint.failures())
            .put("left_out", endpoint.leftOut());
    Boolean check = endpoint.passesCheck();
    return check == null ? shown : shown.put("check", check ? "passes" : "fails");
  }

  private void refusals(RoutingContext context) {
    JsonArray all = new JsonArray();
    console.refusals().forEach(noted -> all.add(json(noted)));
    answer(context, 200, JSON, new JsonObject().put("refusals", all).encode() + "\n");
  }

  private static JsonObject json(RecentRefusals.Noted noted) {
    return new JsonObject()
        .put("time", noted.time().toString())
        .put("request_id", noted.requestId())
        .put("listener", noted.listener())
        .put("endpoint", noted.endpoint())
        .put("user", noted.user())
        .put("tenant", noted.tenant())
        .put("forwarded", noted.forwarded())
        .put("reason", noted.refusal().reason().label())
        .put("detail", noted.refusal().detail());
  }

  // ---- answers

  private static void answer(
      RoutingContext context, int status, String type, @Nullable String text) {
    if (context.response().ended() || context.response().closed()) {
      return;
    }
    Buffer body = Buffer.buffer(text == null ? "" : text);
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, type)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin")
        .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    if (context.request().method().equals(HttpMethod.HEAD)) {
      context.end();
    } else {
      context.end(body);
    }
  }
}
