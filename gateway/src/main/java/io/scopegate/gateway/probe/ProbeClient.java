package io.scopegate.gateway.probe;

import io.scopegate.gateway.forward.UpstreamUrl;
import io.scopegate.gateway.tls.UpstreamTlsConfig;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends single requests to one place, each over a connection of its own. It shares nothing with the
 * data path, so asking costs no request a connection or a place in a queue.
 */
final class ProbeClient {
  /** What of a body is looked at. */
  private static final int MOST_BODY_BYTES = 512;

  /** Of a socket, so that requests name no port. */
  private static final int HTTP_PORT = 80;

  private static final String GRPC = "application/grpc";
  private static final Buffer EMPTY_MESSAGE = Buffer.buffer(new byte[5]);

  private final Vertx vertx;
  private final UpstreamUrl url;
  private final String called;
  private final UpstreamTlsConfig tls;
  private final Duration timeout;

  /**
   * For one place.
   *
   * @param called the host that requests and certificates name
   */
  ProbeClient(
      Vertx vertx, UpstreamUrl url, String called, UpstreamTlsConfig tls, Duration timeout) {
    this.vertx = vertx;
    this.url = url;
    this.called = called;
    this.tls = tls;
    this.timeout = timeout;
  }

  /**
   * An answer.
   *
   * @param status of HTTP
   * @param contentType empty when there is none
   * @param body its beginning
   */
  record Answer(int status, String contentType, String body) {
    boolean isGrpc() {
      return contentType.startsWith(GRPC);
    }
  }

  /** The answer to a GET without a tenant and without credentials. */
  Future<Answer> get(String path, boolean http2) {
    return ask(http2, options(HttpMethod.GET, path), null);
  }

  /** The answer to a call of gRPC's health service, which any gRPC server answers somehow. */
  Future<Answer> call() {
    RequestOptions options =
        options(HttpMethod.POST, "/grpc.health.v1.Health/Check")
            .putHeader("content-type", GRPC)
            .putHeader("te", "trailers");
    return ask(true, options, EMPTY_MESSAGE);
  }

  private RequestOptions options(HttpMethod method, String path) {
    String serverName = tls.serverName();
    String socket = url.socket();
    return new RequestOptions()
        .setMethod(method)
        .setServer(
            socket == null
                ? SocketAddress.inetSocketAddress(url.port(), url.host())
                : SocketAddress.domainSocketAddress(socket))
        .setHost(serverName == null ? called : serverName)
        .setPort(socket == null ? url.port() : HTTP_PORT)
        .setSsl(url.tls())
        .setURI(path)
        .setConnectTimeout(timeout.toMillis())
        .setTimeout(timeout.toMillis());
  }

  /** Nobody waits until the client has closed: a peer that says nothing must not end the checks. */
  private Future<Answer> ask(boolean http2, RequestOptions options, @Nullable Buffer body) {
    HttpClient client = vertx.createHttpClient(clientOptions(http2));
    return client
        .request(options)
        .compose(request -> send(request, body).compose(ProbeClient::answer))
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(done -> client.close());
  }

  private static Future<HttpClientResponse> send(HttpClientRequest request, @Nullable Buffer body) {
    return body == null ? request.send() : request.send(body);
  }

  /** The beginning of the body is enough, and a stream may have no end. */
  private static Future<Answer> answer(HttpClientResponse response) {
    String type = response.getHeader("content-type");
    String contentType = type == null ? "" : type;
    if (contentType.startsWith(GRPC)) {
      response.exceptionHandler(gone -> {}); // without one its end is logged as an error
      return Future.succeededFuture(new Answer(response.statusCode(), contentType, ""));
    }
    Promise<Answer> promise = Promise.promise();
    Buffer body = Buffer.buffer();
    response.handler(piece -> {
      body.appendBuffer(piece);
      if (body.length() >= MOST_BODY_BYTES) {
        promise.tryComplete(answer(response, contentType, body));
      }
    });
    response.endHandler(end -> promise.tryComplete(answer(response, contentType, body)));
    response.exceptionHandler(gone -> promise.tryComplete(answer(response, contentType, body)));
    return promise.future();
  }

  private static Answer answer(HttpClientResponse response, String contentType, Buffer body) {
    byte[] bytes = body.getBytes(0, Math.min(body.length(), MOST_BODY_BYTES));
    return new Answer(
        response.statusCode(), contentType, new String(bytes, StandardCharsets.UTF_8));
  }

  private HttpClientOptions clientOptions(boolean http2) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(http2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1)
            .setHttp2ClearTextUpgrade(false)
            .setKeepAlive(false)
            .setConnectTimeout((int) Math.min(timeout.toMillis(), Integer.MAX_VALUE));
    if (url.tls()) {
      secure(options, http2);
    }
    return options;
  }

  private void secure(HttpClientOptions options, boolean http2) {
    options.setSsl(true).setUseAlpn(http2).setForceSni(tls.serverName() != null);
    Path authorities = tls.caFile();
    if (tls.insecureSkipVerify()) {
      options.setTrustAll(true).setVerifyHost(false);
    } else if (authorities != null) {
      options.setTrustOptions(new PemTrustOptions().addCertPath(authorities.toString()));
    }
    Path certificate = tls.certificateFile();
    Path key = tls.keyFile();
    if (certificate != null && key != null) {
      options.setKeyCertOptions(
          new PemKeyCertOptions().addCertPath(certificate.toString()).addKeyPath(key.toString()));
    }
  }
}
