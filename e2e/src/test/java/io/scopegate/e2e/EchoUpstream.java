package io.scopegate.e2e;

import io.scopegate.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/** An upstream that answers everything with what it was asked, headers included, a line each. */
final class EchoUpstream implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;

  EchoUpstream() {
    server =
        Await.result(
            vertx
                .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
                .requestHandler(EchoUpstream::echo)
                .listen(FreePorts.next(), "127.0.0.1"));
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  private static void echo(HttpServerRequest request) {
    StringBuilder text = new StringBuilder();
    text.append(request.version()).append('\n');
    text.append(request.method()).append(' ').append(request.uri()).append('\n');
    request
        .headers()
        .forEach(h ->
            text.append(h.getKey().toLowerCase(Locale.ROOT))
                .append(": ")
                .append(h.getValue())
                .append('\n'));
    request.endHandler(end -> request.response().end(text.toString()));
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }
}
