package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.Await;
import io.scopegate.testkit.TestCa;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies of all sizes come back from an echo as they went out, in every pairing of versions. */
class BodiesIT {
  private static final int CHUNK = 64 << 10;

  private static final Vertx VERTX = Vertx.vertx();
  private static final TestCa CA = TestCa.create();
  private static GatewayHarness harness;
  private static HttpServer plain;
  private static HttpServer tls;

  @BeforeAll
  static void start() throws IOException {
    plain = listen(new HttpServerOptions());
    tls =
        listen(
            new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(CA.server().keyCertOptions()));
    Path ca = CA.writePem(Files.createTempFile("upstream-ca", ".crt"));
    harness =
        GatewayHarness.start(
            """
            upstreams:
              h1: {url: "http://127.0.0.1:%1$d", protocol: http1}
              h2: {url: "http://127.0.0.1:%1$d", protocol: h2c}
              tls1: {url: "https://localhost:%2$d", protocol: http1, tls: {caFile: "%3$s"}}
              tls2: {url: "https://localhost:%2$d", protocol: h2, tls: {caFile: "%3$s"}}
            tls: {mode: optional, certificateFile: DIR/tls.crt, keyFile: DIR/tls.key}
            listeners:
              h1: {address: "127.0.0.1:0", serves: [generic-write], upstream: h1}
              h2: {address: "127.0.0.1:0", serves: [generic-write], upstream: h2}
              tls1: {address: "127.0.0.1:0", serves: [generic-write], upstream: tls1}
              tls2: {address: "127.0.0.1:0", serves: [generic-write], upstream: tls2}
            """
                .formatted(plain.actualPort(), tls.actualPort(), ca));
  }

  private static HttpServer listen(HttpServerOptions options) {
    return Await.result(
        VERTX
            .createHttpServer(options.setHost("127.0.0.1").setPort(0))
            .requestHandler(request -> {
              String length = request.getHeader("content-length");
              if (length == null) {
                request.response().setChunked(true);
              } else {
                request.response().putHeader("content-length", length);
              }
              request.response().putHeader("x-tenant", request.getHeader("x-scope-orgid"));
              request.pipeTo(request.response());
            })
            .listen());
  }

  @AfterAll
  static void stop() {
    harness.close();
    Await.result(VERTX.close());
  }

  static List<Arguments> cases() {
    List<Arguments> all = new ArrayList<>();
    int[] sizes = {0, 1, 1024, 65_535, 65_536, 65_537, 1 << 20};
    for (HttpVersion version : new HttpVersion[] {HttpVersion.HTTP_1_1, HttpVersion.HTTP_2}) {
      for (String listener : new String[] {"h1", "h2"}) {
        for (int size : sizes) {
          all.add(Arguments.of(version, listener, size, size % 2 == 0, false));
          all.add(Arguments.of(version, listener, size, size % 2 != 0, false));
        }
        all.add(Arguments.of(version, listener, 16 << 20, version == HttpVersion.HTTP_2, false));
      }
      for (String listener : new String[] {"tls1", "tls2"}) {
        all.add(Arguments.of(version, listener, 65_537, false, true));
        all.add(Arguments.of(version, listener, 1 << 20, true, true));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void comeBackAsTheyWentOut(
      HttpVersion version, String listener, int size, boolean chunked, boolean overTls) {
    HttpClient client = client(version, overTls);
    Echo echo = new Echo(size);
    Await.result(
        client
            .request(HttpMethod.POST, harness.port(listener), "localhost", "/echo")
            .compose(request -> {
              request
                  .putHeader("authorization", "Bearer " + harness.token)
                  .putHeader("x-scope-orgid", GatewayHarness.TENANT);
              if (chunked) {
                request.setChunked(true);
              } else {
                request.putHeader("content-length", "" + size);
              }
              return echo.run(request);
            }));
    assertThat(echo.status).isEqualTo(200);
    assertThat(echo.tenant).isEqualTo(GatewayHarness.TENANT);
    assertThat(echo.got).isEqualTo(size);
    assertThat(echo.received.getValue()).isEqualTo(echo.sent.getValue());
    Await.result(client.close());
  }

  private static HttpClient client(HttpVersion version, boolean overTls) {
    return VERTX.createHttpClient(
        new HttpClientOptions()
            .setProtocolVersion(version)
            .setHttp2ClearTextUpgrade(false)
            .setUseAlpn(overTls)
            .setSsl(overTls)
            .setTrustOptions(harness.ca.trustOptions()));
  }

  /** Sends random bytes as fast as they are taken and sums up what comes back. */
  private static final class Echo {
    final CRC32 sent = new CRC32();
    final CRC32 received = new CRC32();
    final Random random;
    final byte[] chunk = new byte[CHUNK];
    int left;
    long got;
    int status;
    String tenant = "";

    Echo(int size) {
      left = size;
      random = new Random(size);
    }

    Future<Void> run(HttpClientRequest request) {
      Promise<Void> done = Promise.promise();
      request
          .response()
          .onFailure(done::tryFail)
          .onSuccess(response -> {
            status = response.statusCode();
            tenant = response.getHeader("x-tenant");
            response.handler(bytes -> {
              received.update(bytes.getBytes());
              got += bytes.length();
            });
            response.exceptionHandler(done::tryFail);
            response.endHandler(done::tryComplete);
          });
      request.drainHandler(v -> send(request));
      send(request);
      return done.future();
    }

    private void send(HttpClientRequest request) {
      while (left > 0 && !request.writeQueueFull()) {
        int n = Math.min(CHUNK, left);
        random.nextBytes(chunk);
        sent.update(chunk, 0, n);
        left -= n;
        request.write(Buffer.buffer(n).appendBytes(chunk, 0, n));
      }
      if (left == 0) {
        left = -1;
        request.end();
      }
    }
  }
}
