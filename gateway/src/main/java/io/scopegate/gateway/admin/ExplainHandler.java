package io.scopegate.gateway.admin;

import io.scopegate.config.Secret;
import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.explain.ExplanationJson;
import io.scopegate.gateway.explain.ExplanationText;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers {@code /api/explain}; for any thread. */
final class ExplainHandler implements Handler<RoutingContext> {
  /** So many questions at a time; each may wait for the API server. */
  private static final int MOST_EXPLAINING = 16;

  static final Set<String> PARAMETERS =
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

  private final Console console;
  private final AtomicInteger explaining = new AtomicInteger();

  ExplainHandler(Console console) {
    this.console = console;
  }

  @Override
  public void handle(RoutingContext context) {
    if (explaining.incrementAndGet() > MOST_EXPLAINING) {
      explaining.decrementAndGet();
      ConsoleAnswer.text(context, 503, "explain: too many at a time; try again\n");
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
            ConsoleAnswer.of(context, text ? ConsoleAnswer.TEXT : ConsoleAnswer.JSON, body);
            return null;
          });
    } catch (IllegalArgumentException e) {
      ConsoleAnswer.text(context, 400, e.getMessage() + "\n");
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
}
