package io.scopegate.demo;

import com.google.protobuf.Message;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.tempo.Grpc;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** Clients as they stand before a gateway: HTTP and gRPC, TLS and clear text. */
final class Clients implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long READY_POLL_MILLIS = 50;

  private final Vertx vertx = Vertx.vertx();
  private final Stage.Addresses gateway;
  private final HttpClient http;
  private final HttpClient https;
  private final GrpcClient grpc;

  Clients(TestCa ca, Stage.Addresses gateway) {
    this.gateway = gateway;
    HttpClientOptions tls = new HttpClientOptions().setSsl(true).setTrustOptions(ca.trustOptions());
    this.http = vertx.createHttpClient();
    this.https = vertx.createHttpClient(tls);
    this.grpc =
        GrpcClient.client(
            vertx,
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setSsl(true)
                .setUseAlpn(true)
                .setTrustOptions(ca.trustOptions()));
  }

  /** Waits until the gateway says that it is ready. */
  void awaitReady() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Await.result(ready(end));
  }

  /** A request over TLS. */
  Reply tls(HttpMethod method, int port, String path, Map<String, ?> headers, Buffer body) {
    return Await.result(send(https, options(method, port, path).setSsl(true), headers, body));
  }

  /** A query over TLS. */
  Reply get(String path, Map<String, ?> headers) {
    return tls(HttpMethod.GET, gateway.query(), path, headers, Buffer.buffer());
  }

  /** A query in clear text, on the port that also accepts TLS. */
  Reply getInClearText(String path, Map<String, ?> headers) {
    RequestOptions options = options(HttpMethod.GET, gateway.query(), path);
    return Await.result(send(http, options, headers, Buffer.buffer()));
  }

  /**
   * A gRPC call over TLS.
   *
   * @param each hears of every message, as it comes
   */
  <I extends Message, O extends Message> Called call(
      Grpc.Method<I, O> method,
      int port,
      Map<String, String> headers,
      I message,
      Consumer<O> each) {
    return Await.result(
        grpc.request(SocketAddress.inetSocketAddress(port, "localhost"), method.client())
            .compose(request -> {
              headers.forEach((name, value) -> request.headers().set(name, value));
              return request.send(message).compose(response -> called(response, each));
            }));
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }

  private Future<Void> ready(long end) {
    RequestOptions options = options(HttpMethod.GET, gateway.admin(), "/readyz");
    return send(http, options, Map.of(), Buffer.buffer())
        .transform(asked -> {
          if (asked.succeeded() && asked.result().status() == 200) {
            return Future.succeededFuture();
          }
          if (System.nanoTime() - end > 0) {
            return Future.failedFuture("the gateway did not become ready");
          }
          return vertx.timer(READY_POLL_MILLIS).compose(tick -> ready(end));
        });
  }

  private static RequestOptions options(HttpMethod method, int port, String path) {
    return new RequestOptions()
        .setMethod(method)
        .setHost("localhost")
        .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
        .setPort(port)
        .setURI(path)
        .setTimeout(PATIENCE.toMillis());
  }

  private static Future<Reply> send(
      HttpClient client, RequestOptions options, Map<String, ?> headers, Buffer body) {
    return client
        .request(options)
        .compose(request -> {
          headers.forEach((name, value) -> {
            if (value instanceof Iterable<?> values) {
              values.forEach(one -> request.headers().add(name, String.valueOf(one)));
            } else {
              request.putHeader(name, String.valueOf(value));
            }
          });
          // composed here, on the event loop: outside of it the body may have passed by before
          return (body.length() == 0 ? request.send() : request.send(body)).compose(Clients::read);
        });
  }

  private static Future<Reply> read(HttpClientResponse response) {
    return response.body().map(body -> new Reply(response.statusCode(), body.toString()));
  }

  private static <I, O> Future<Called> called(GrpcClientResponse<I, O> response, Consumer<O> each) {
    Promise<Called> done = Promise.promise();
    response.handler(each::accept);
    response.exceptionHandler(done::tryFail);
    response.endHandler(end -> {
      String message = response.statusMessage();
      done.tryComplete(new Called(response.status(), message == null ? "" : message));
    });
    return done.future();
  }

  /**
   * An HTTP answer.
   *
   * @param status its status
   * @param body its body
   */
  record Reply(int status, String body) {}

  /**
   * How a gRPC call ended.
   *
   * @param status its status
   * @param message its message, or empty
   */
  record Called(GrpcStatus status, String message) {}
}
