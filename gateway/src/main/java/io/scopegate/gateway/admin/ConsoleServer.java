package io.scopegate.gateway.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.scopegate.config.HostPort;
import io.scopegate.config.Secret;
import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.explain.ExplanationJson;
import io.scopegate.gateway.explain.ExplanationText;
import io.scopegate.gateway.telemetry.ClusterState;
import io.scopegate.gateway.telemetry.RecentRefusals;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a person asks a running gateway, on a port of its own that is on loopback by default. It has
 * no authentication: whoever reaches it sees the configuration, with secrets masked, and who was
 * refused what. {@link SameOrigin} keeps web pages of others out.
 */
public final class ConsoleServer {
  private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String JSON = "application/json";
  private static final String YAML = "application/yaml";

  /** A token may be 16 KiB long, and a path to explain as long as one that a listener takes. */
  private static final AdminPort.Bounds BOUNDS =
      new AdminPort.Bounds(32, 4, 32 * 1024, 32 * 1024, 32 * 1024, Duration.ofSeconds(10));

  /** So many questions at a time; each may wait for the API server. */
  private static final int MOST_EXPLAINING = 16;

  private static final Set<String> PARAMETERS =
      new TreeSet<>(Set.of("tenant", "method", "path", "grpc", "listener", "format"));

  private final Vertx vertx;
  private final Console console;
  private final HostPort address;
  private final SameOrigin origin;
  private final AdminPort port;
  private final AtomicInteger explaining = new AtomicInteger();
  private final Map<String, Consumer<AdminRequest>> endpoints =
      Map.of(
          "GET /api/explain", this::explain,
          "POST /api/explain", this::explain,
          "GET /api/config", this::configuration,
          "GET /api/cluster", this::cluster,
          "GET /api/refusals", this::refusals);

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
    this.port = new AdminPort(vertx, BOUNDS, this::handle);
  }

  /**
   * Opens the port.
   *
   * @return completes with the port when it is open; fails when it cannot be bound
   */
  public Future<Integer> listen() {
    return port.listen(address);
  }

  /**
   * Closes the port and its connections.
   *
   * @return completes when they are closed
   */
  public Future<Void> close() {
    return port.close();
  }

  /** The endpoints, each as {@code METHOD /path}, sorted; a page of the reference lists them. */
  Set<String> endpoints() {
    return new TreeSet<>(endpoints.keySet());
  }

  private void handle(AdminRequest request) {
    String flaw = origin.flaw(request.headers());
    if (flaw != null) {
      answer(request, 403, TEXT, flaw + "\n");
      return;
    }
    String path = request.path();
    Consumer<AdminRequest> endpoint = endpoints.get(request.method() + " " + path);
    if (endpoint != null) {
      endpoint.accept(request);
    } else if (endpoints.containsKey(HttpMethod.GET + " " + path)) {
      answer(request, 405, TEXT, "method not allowed\n");
    } else {
      answer(request, 404, TEXT, "not found\n");
    }
  }

  // ---- explain

  private void explain(AdminRequest request) {
    if (explaining.incrementAndGet() > MOST_EXPLAINING) {
      explaining.decrementAndGet();
      answer(request, 503, TEXT, "explain: too many at a time; try again\n");
      return;
    }
    explained(request)
        .onComplete(ended -> explaining.decrementAndGet())
        .onFailure(e -> failed(request, e));
  }

  private Future<Void> explained(AdminRequest request) {
    try {
      Map<String, List<String>> parameters = request.parameters();
      checkParameters(parameters);
      boolean text = "text".equals(first(parameters, "format"));
      return console
          .explain(inquiry(request, parameters))
          .map(e -> text ? ExplanationText.of(e) : ExplanationJson.of(e).encodePrettily() + "\n")
          .map(body -> {
            answer(request, 200, text ? TEXT : JSON, body);
            return null;
          });
    } catch (IllegalArgumentException e) {
      answer(request, 400, TEXT, e.getMessage() + "\n");
      return Future.succeededFuture();
    }
  }

  private static @Nullable String first(Map<String, List<String>> parameters, String name) {
    List<String> values = parameters.get(name);
    return values == null ? null : values.get(0);
  }

  private static void checkParameters(Map<String, List<String>> parameters) {
    for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
      String name = parameter.getKey();
      if (!PARAMETERS.contains(name)) {
        throw new IllegalArgumentException(
            "parameter: unknown (expected: one of " + PARAMETERS + ")");
      }
      if (parameter.getValue().size() > 1) {
        throw new IllegalArgumentException(name + ": several (expected: one)");
      }
    }
    String format = first(parameters, "format");
    if (format != null && !format.equals("text") && !format.equals("json")) {
      throw new IllegalArgumentException("format: unknown (expected: text or json)");
    }
  }

  /** The token stands in a header, as it does in the request that is explained. */
  private static ExplainRequest inquiry(
      AdminRequest request, Map<String, List<String>> parameters) {
    List<Secret> authorization =
        request.headers().getAll(HttpHeaderNames.AUTHORIZATION).stream()
            .map(Secret::parse)
            .toList();
    return ExplainRequest.of(
        first(parameters, "listener"),
        first(parameters, "method"),
        first(parameters, "path"),
        first(parameters, "grpc"),
        first(parameters, "tenant"),
        authorization);
  }

  // ---- what is

  private void configuration(AdminRequest request) {
    vertx
        .executeBlocking(console::configuration, false)
        .onSuccess(yaml -> answer(request, 200, YAML, yaml))
        .onFailure(e -> failed(request, e));
  }

  private void cluster(AdminRequest request) {
    ClusterState state = console.cluster();
    JsonObject shown =
        new JsonObject()
            .put("watched", new JsonObject(new TreeMap<>(state.followed())))
            .put("circuit_open", state.circuitOpen())
            .put("issuer_keys", new JsonObject(new TreeMap<>(state.issuerKeys())));
    answer(request, 200, JSON, shown.encode() + "\n");
  }

  private void refusals(AdminRequest request) {
    JsonArray all = new JsonArray();
    console.refusals().forEach(noted -> all.add(json(noted)));
    answer(request, 200, JSON, new JsonObject().put("refusals", all).encode() + "\n");
  }

  private static JsonObject json(RecentRefusals.Noted noted) {
    return new JsonObject()
        .put("time", noted.time().toString())
        .put("request_id", noted.requestId())
        .put("listener", noted.listener())
        .put("endpoint", noted.endpoint())
        .put("user", noted.user())
        .put("tenant", noted.tenant())
        .put("reason", noted.refusal().reason().label())
        .put("detail", noted.refusal().detail());
  }

  // ---- answers

  private static void failed(AdminRequest request, Throwable why) {
    LOG.error("admin.console {}: failed", request.path(), why);
    answer(request, 500, TEXT, "the gateway failed; see its log\n");
  }

  private static void answer(AdminRequest request, int status, String type, @Nullable String text) {
    request.answer(
        status,
        type,
        text == null ? "" : text,
        "X-Content-Type-Options",
        "nosniff",
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy",
        "same-origin");
  }
}
