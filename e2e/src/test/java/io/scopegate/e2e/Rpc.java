package io.scopegate.e2e;

import com.google.protobuf.Message;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.TestCa;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** gRPC calls by name, messages as bytes, so that methods can be called which nobody offers. */
public final class Rpc implements AutoCloseable {
  private static final String DETAILS = "grpc-status-details-bin";

  private final Vertx vertx = Vertx.vertx();
  private final GrpcClient tls;
  private final GrpcClient clearText;

  public Rpc(TestCa ca) {
    this(ca, null);
  }

  /** With a client certificate. */
  Rpc(TestCa ca, TestCa.@Nullable Issued certificate) {
    HttpClientOptions options = new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2);
    this.clearText =
        GrpcClient.client(vertx, new HttpClientOptions(options).setHttp2ClearTextUpgrade(false));
    this.tls =
        GrpcClient.client(
            vertx,
            new HttpClientOptions(options)
                .setSsl(true)
                .setUseAlpn(true)
                .setTrustOptions(ca.trustOptions())
                .setKeyCertOptions(certificate == null ? null : certificate.keyCertOptions()));
  }

  /** A call over TLS. */
  Called call(int port, String method, Message message, String... headers) {
    return Await.result(start(tls, port, method, bytes(message), headers));
  }

  /** A call in clear text, HTTP/2 by prior knowledge. */
  Called callInClearText(int port, String method, Message message, String... headers) {
    return Await.result(start(clearText, port, method, bytes(message), headers));
  }

  /** The same with a message that was encoded elsewhere. */
  Called callInClearText(int port, String method, byte[] message, String... headers) {
    return Await.result(start(clearText, port, method, Buffer.buffer(message), headers));
  }

  /** A call over TLS, without waiting. */
  public Future<Called> start(int port, String method, Message message, String... headers) {
    return start(tls, port, method, bytes(message), headers);
  }

  /** A call over TLS with a message that was encoded elsewhere. */
  Called call(int port, String method, byte[] message, String... headers) {
    return Await.result(start(tls, port, method, Buffer.buffer(message), headers));
  }

  private static Buffer bytes(Message message) {
    return Buffer.buffer(message.toByteArray());
  }

  private static Future<Called> start(
      GrpcClient client, int port, String method, Buffer message, String... headers) {
    int slash = method.indexOf('/');
    return client
        .request(SocketAddress.inetSocketAddress(port, "localhost"))
        .compose(request -> {
          request.serviceName(ServiceName.create(method.substring(0, slash)));
          request.methodName(method.substring(slash + 1));
          for (int i = 0; i < headers.length; i += 2) {
            request.headers().add(headers[i], headers[i + 1]);
          }
          return request.send(message).compose(Rpc::called);
        });
  }

  private static Future<Called> called(GrpcClientResponse<Buffer, Buffer> response) {
    Promise<Called> done = Promise.promise();
    List<byte[]> messages = new ArrayList<>();
    response.handler(message -> messages.add(message.getBytes()));
    response.exceptionHandler(done::tryFail);
    response.endHandler(end -> {
      String details = response.trailers().get(DETAILS);
      if (details == null) {
        details = response.headers().get(DETAILS);
      }
      String text = response.statusMessage();
      done.tryComplete(
          new Called(
              response.status(),
              text == null ? "" : text,
              details == null ? "" : decoded(details),
              messages));
    });
    return done.future();
  }

  private static String decoded(String details) {
    return new String(
        Base64.getDecoder().decode(details.replace("=", "")), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }

  /**
   * How a call ended.
   *
   * @param status its status
   * @param message its message, or empty
   * @param details its google.rpc.Status as raw characters, or empty
   * @param messages what was answered
   */
  public record Called(GrpcStatus status, String message, String details, List<byte[]> messages) {
    public boolean saysWhenToRetry() {
      return details.contains("type.googleapis.com/google.rpc.RetryInfo");
    }
  }
}
