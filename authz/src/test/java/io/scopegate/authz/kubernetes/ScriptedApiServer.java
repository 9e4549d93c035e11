package io.scopegate.authz.kubernetes;

import io.scopegate.config.Secret;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** An API server in clear text that does what a test says with the next request. */
public final class ScriptedApiServer {
  /** What arrived. */
  public record Asked(String path, String authorization, JsonObject body) {}

  public final List<Asked> asked = new CopyOnWriteArrayList<>();
  final AtomicReference<String> token = new AtomicReference<>("own-token");
  private final HttpServer server;
  private volatile Handler<HttpServerRequest> script = request -> {};

  public ScriptedApiServer(Vertx vertx) throws Exception {
    server =
        vertx
            .createHttpServer()
            .requestHandler(this::serve)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
  }

  private void serve(HttpServerRequest request) {
    request.bodyHandler(body -> {
      asked.add(
          new Asked(request.path(), request.getHeader("authorization"), new JsonObject(body)));
      script.handle(request);
    });
  }

  public void script(Handler<HttpServerRequest> next) {
    script = next;
  }

  public void answers(int code, String body) {
    script = request -> request.response().setStatusCode(code).end(body);
  }

  public void answers(JsonObject status) {
    answers(201, new JsonObject().put("status", status).encode());
  }

  public ClusterAccess access() {
    return () ->
        new Cluster(
            URI.create("http://127.0.0.1:" + server.actualPort()),
            null,
            false,
            null,
            Secret.parse(token.get()));
  }
}
