package io.scopegate.e2e.hostile;

import io.scopegate.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

/** An upstream that answers everything at once and remembers nothing, or never answers. */
final class UpstreamStandIn implements AutoCloseable {
  private static final int MAX_HEADER_BYTES = 64 * 1024;
  private static final int MAX_RESETS_PER_MINUTE = 10_000_000;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpServer server;

  private UpstreamStandIn(boolean answers) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS_PER_MINUTE);
    server =
        Await.result(
            vertx
                .createHttpServer(options)
                .requestHandler(request -> {
                  if (answers) {
                    answer(request);
                  } else {
                    request.pause();
                  }
                })
                .listen(0));
  }

  /** One that answers. */
  static UpstreamStandIn quick() {
    return new UpstreamStandIn(true);
  }

  /** One that does not, and does not read what else is sent. */
  static UpstreamStandIn held() {
    return new UpstreamStandIn(false);
  }

  int port() {
    return server.actualPort();
  }

  private static void answer(HttpServerRequest request) {
    request.response().exceptionHandler(gone -> {});
    if (String.valueOf(request.getHeader("content-type")).startsWith("application/grpc")) {
      request.response().putHeader("content-type", "application/grpc");
      request.response().putTrailer("grpc-status", "0");
    }
    request.response().end();
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }
}
