package io.scopegate.testkit;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;

/** Makes an HTTP server misbehave as configured; for the stand-ins. */
public final class FaultyServer {
  private static final long INTERNAL_ERROR = 2;

  private final Vertx vertx;

  /** Uses the timers of this Vert.x. */
  public FaultyServer(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * Lets a request suffer a fault, or serves it.
   *
   * @param fault what to suffer; {@link Fault.Type#RESET_AFTER} is left to {@code serve}
   * @param faults whose clearing ends {@link Fault.Type#STOP_READING}
   * @param request not read yet
   * @param serve does what a healthy server does; runs on the request's event loop
   */
  public void serve(Fault fault, Faults<?> faults, HttpServerRequest request, Runnable serve) {
    switch (fault.type()) {
      case NONE, RESET_AFTER -> serve.run();
      case SLOW -> later(fault.delay(), request, serve);
      case STOP_READING -> whenCleared(faults, request, serve);
      case HANG -> request.handler(ignored -> {}).exceptionHandler(gone -> {});
      case RESET -> reset(request);
      case GOAWAY -> {
        if (request.version() == HttpVersion.HTTP_2) {
          request.connection().goAway(0);
        }
        serve.run();
      }
      case STATUS, GARBAGE, THROTTLED, GRPC_STATUS -> answer(fault, request);
    }
  }

  /** Tears the stream (HTTP/2) or the connection (HTTP/1.1) down. */
  public static void reset(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(INTERNAL_ERROR);
    } else {
      request.connection().close();
    }
  }

  private void later(Duration delay, HttpServerRequest request, Runnable serve) {
    request.pause();
    vertx.setTimer(
        Math.max(1, delay.toMillis()),
        due -> {
          serve.run();
          request.resume();
        });
  }

  private void whenCleared(Faults<?> faults, HttpServerRequest request, Runnable serve) {
    request.pause();
    var context = vertx.getOrCreateContext();
    faults
        .untilCleared()
        .pass()
        .onSuccess(cleared ->
            context.runOnContext(go -> {
              serve.run();
              request.resume();
            }));
  }

  private static void answer(Fault fault, HttpServerRequest request) {
    request.handler(ignored -> {}).exceptionHandler(gone -> {});
    HttpServerResponse response = request.response();
    switch (fault.type()) {
      case GRPC_STATUS -> {
        response
            .putHeader("content-type", "application/grpc")
            .putHeader("grpc-status", Integer.toString(fault.status()))
            .putHeader("grpc-message", fault.text())
            .end();
        return;
      }
      case THROTTLED -> response.putHeader("Retry-After", Long.toString(fault.delay().toSeconds()));
      default -> response.putHeader("content-type", "text/plain");
    }
    response.setStatusCode(fault.status()).end(fault.text());
  }
}
