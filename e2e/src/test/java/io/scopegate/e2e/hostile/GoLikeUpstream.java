package io.scopegate.e2e.hostile;

import io.scopegate.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An upstream that counts as Go's HTTP/2 server does: a handler counts until it returns, however
 * early its stream was reset; 250 run at a time for each connection, and when more than a thousand
 * wait for their turn the connection ends with ENHANCE_YOUR_CALM, and every stream of it.
 */
final class GoLikeUpstream implements AutoCloseable {
  static final int MESSAGES = 60;

  private static final int MAX_STREAMS = 250;
  private static final int MAX_WAITING = 4 * MAX_STREAMS;
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final int MAX_RESETS_PER_MINUTE = 10_000_000;
  private static final Duration BETWEEN_MESSAGES = Duration.ofMillis(100);

  /** How long a query goes on that nobody waits for any more. */
  private static final Duration UNTIL_NOTICED = Duration.ofSeconds(10);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Map<HttpConnection, Handlers> connections = new ConcurrentHashMap<>();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger cancelled = new AtomicInteger();
  private final HttpServer server;

  GoLikeUpstream() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS_PER_MINUTE);
    options.getInitialSettings().setMaxConcurrentStreams(MAX_STREAMS);
    server =
        Await.result(
            vertx
                .createHttpServer(options)
                .requestHandler(request ->
                    connections
                        .computeIfAbsent(request.connection(), Handlers::new)
                        .accept(request))
                .listen(0));
  }

  int port() {
    return server.actualPort();
  }

  /** How many connections it has ended because of too many handlers. */
  int ended() {
    return ended.get();
  }

  /** How many calls were reset before they were answered. */
  int cancelled() {
    return cancelled.get();
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }

  /** The handlers of one connection; all on its event loop. */
  private final class Handlers {
    private final HttpConnection connection;
    private final Deque<HttpServerRequest> waiting = new ArrayDeque<>();
    private final Set<HttpServerRequest> reset = new HashSet<>();
    private final Set<HttpServerRequest> running = new HashSet<>();

    Handlers(HttpConnection connection) {
      this.connection = connection;
    }

    void accept(HttpServerRequest request) {
      request.response().exceptionHandler(gone -> wasReset(request));
      if (running.size() < MAX_STREAMS) {
        run(request);
      } else if (waiting.size() >= MAX_WAITING) {
        ended.incrementAndGet();
        connection.goAway(ENHANCE_YOUR_CALM);
        connection.close();
      } else {
        waiting.add(request);
      }
    }

    private void run(HttpServerRequest request) {
      running.add(request);
      if (Surroundings.HONEST.equals(request.getHeader("x-scope-orgid"))) {
        HttpServerResponse response = request.response();
        response.putHeader("content-type", "application/grpc");
        response.putTrailer("grpc-status", "0");
        response.setChunked(true);
        stream(request, 0);
      }
    }

    private void stream(HttpServerRequest request, int sent) {
      if (reset.contains(request)) {
        return;
      }
      if (sent == MESSAGES) {
        request.response().end();
        finished(request);
        return;
      }
      request.response().write(Buffer.buffer(new byte[5]));
      vertx.setTimer(BETWEEN_MESSAGES.toMillis(), then -> stream(request, sent + 1));
    }

    private void wasReset(HttpServerRequest request) {
      if (!reset.add(request)) {
        return;
      }
      cancelled.incrementAndGet();
      if (running.contains(request)) {
        vertx.setTimer(UNTIL_NOTICED.toMillis(), then -> finished(request));
      }
    }

    private void finished(HttpServerRequest request) {
      running.remove(request);
      reset.remove(request);
      while (running.size() < MAX_STREAMS && !waiting.isEmpty()) {
        HttpServerRequest next = waiting.remove();
        if (!reset.remove(next)) {
          run(next);
        }
      }
    }
  }
}
