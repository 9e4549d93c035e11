package io.scopegate.e2e;

import io.scopegate.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/**
 * An upstream for large bodies: answers a POST with the length and checksum of what came, and a GET
 * with as many bytes as its parameter {@code bytes} says.
 */
final class BodyUpstream implements AutoCloseable {
  private static final int CHUNK = 64 * 1024;

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong written = new AtomicLong();
  private final HttpServer server;

  BodyUpstream() {
    server =
        Await.result(
            vertx
                .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
                .requestHandler(this::serve)
                .listen(FreePorts.next(), "127.0.0.1"));
  }

  int port() {
    return server.actualPort();
  }

  /** How many bytes all its answers to GETs have had so far. */
  long written() {
    return written.get();
  }

  /** A body of this length; every byte depends on its place. */
  static byte[] body(int bytes) {
    byte[] body = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      body[i] = at(i);
    }
    return body;
  }

  /** What a POST of this body is answered with. */
  static String receipt(byte[] body) {
    CRC32 sum = new CRC32();
    sum.update(body);
    return body.length + " " + sum.getValue();
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }

  private static byte at(int place) {
    return (byte) (place * 31 + (place >> 13));
  }

  private void serve(HttpServerRequest request) {
    if (request.method().name().equals("GET")) {
      HttpServerResponse response = request.response();
      int bytes = Integer.parseInt(request.getParam("bytes"));
      response.putHeader("content-length", Integer.toString(bytes));
      response.exceptionHandler(gone -> {});
      write(response, 0, bytes);
      return;
    }
    CRC32 sum = new CRC32();
    long[] length = {0};
    request.handler(chunk -> {
      sum.update(chunk.getBytes());
      length[0] += chunk.length();
    });
    request.endHandler(end -> request.response().end(length[0] + " " + sum.getValue()));
  }

  private void write(HttpServerResponse response, int from, int bytes) {
    int at = from;
    while (at < bytes && !response.writeQueueFull()) {
      int size = Math.min(CHUNK, bytes - at);
      byte[] chunk = new byte[size];
      for (int i = 0; i < size; i++) {
        chunk[i] = at(at + i);
      }
      response.write(Buffer.buffer(chunk));
      written.addAndGet(size);
      at += size;
    }
    int next = at;
    if (next < bytes) {
      response.drainHandler(drained -> write(response, next, bytes));
    } else {
      response.end();
    }
  }
}
