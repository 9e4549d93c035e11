package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.gateway.Gateway;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.probe.LogCapture;
import io.scopegate.gateway.telemetry.LineLog;
import io.scopegate.gateway.telemetry.LogConfig;
import io.scopegate.gateway.telemetry.LogOutput;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The set-ups of {@code scenarios/broken.yaml} that only show at work: what the log, {@code
 * /readyz} and the answer to a client say.
 */
final class BrokenSetupsAtWorkIT {
  private static final long PATIENCE_NANOS = 30_000_000_000L;
  private static final String MORE =
      """
      listeners:
        otlp-http: {address: "127.0.0.1:0", serves: [otlp-http], upstream: distributor-otlp-http}
        otlp-grpc: {address: "127.0.0.1:0", serves: [otlp-grpc], upstream: distributor-otlp-grpc}
        query:
          address: "127.0.0.1:0"
          serves: [tempo-query]
          upstream: query-frontend
          cors: {origins: ["https://shop.example"]}
      admin: {address: "127.0.0.1:0", console: null}
      forwarding: {drain: 10ms, eventLoops: 1}
      """;

  @TempDir private Path directory;
  private final LogCapture log = new LogCapture("io.scopegate");
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

  static Stream<BrokenSetup> running() {
    return BrokenSetup.with("log");
  }

  @ParameterizedTest
  @MethodSource("running")
  void logReadinessAndAnswerNameCauseAndRemedy(BrokenSetup setup) throws Exception {
    try (LogOutput output = new LogOutput(lines);
        Surroundings around = new Surroundings(setup, directory)) {
      LoadedConfig loaded = LoadedConfig.load(around.config(setup, MORE), name -> null);
      assertThat(loaded.problems()).isEmpty();
      LogConfig.Format text = LogConfig.Format.TEXT;
      Telemetry telemetry =
          new Telemetry(LineLog.ofRequests(output, text, InstantSource.system()), 10, "test");
      Gateway gateway = Await.result(Gateway.start(loaded.config(), telemetry));
      try {
        if (setup.keys().containsKey("readyz")) {
          assertReady(setup.part("readyz"), gateway);
        }
        assertAnswered(setup, around, gateway);
        setup
            .says("log")
            .forEach(part -> await(part.replace("@DIR@", directory.toString()), this::logged));
        assertThat(logged()).doesNotContainPattern(BrokenSetup.JAVA);
      } finally {
        Await.result(gateway.stop());
        telemetry.close();
      }
    } finally {
      log.close();
    }
  }

  private String logged() {
    return String.join("\n", log.lines()) + "\n" + lines.toString(StandardCharsets.UTF_8);
  }

  private static void await(String part, Supplier<String> text) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!text.get().contains(part)) {
      assertThat(System.nanoTime()).as("%s in\n%s", part, text.get()).isLessThan(end);
      LockSupport.parkNanos(5_000_000);
    }
  }

  private static void assertReady(BrokenSetup expected, Gateway gateway) {
    HttpClient client = HttpClient.newHttpClient();
    URI verbose = URI.create("http://127.0.0.1:" + gateway.adminPort() + "/readyz?verbose");
    Supplier<String> answer =
        () -> {
          HttpResponse<String> ready = send(client, HttpRequest.newBuilder(verbose).build());
          return ready.statusCode() + " " + ready.body();
        };
    await(expected.number("status") + " ", answer);
    expected.says("says").forEach(part -> await(part, answer));
    assertThat(answer.get()).doesNotContainPattern(BrokenSetup.JAVA);
  }

  private static void assertAnswered(BrokenSetup setup, Surroundings around, Gateway gateway)
      throws GeneralSecurityException, IOException {
    BrokenSetup expected = setup.part("client");
    HttpClient client = HttpClient.newBuilder().sslContext(trust(around)).build();
    HttpRequest request = request(setup.part("request"), around, gateway);
    if (expected.is("breaksOff")) {
      assertThatThrownBy(() -> client.send(request, HttpResponse.BodyHandlers.discarding()))
          .isInstanceOf(SSLException.class);
      return;
    }
    HttpResponse<String> answer = send(client, request);
    assertThat(answer.statusCode())
        .as("%s %s", answer.headers().map(), answer.body())
        .isEqualTo(expected.number("status"));
    assertThat(expected.says("says")).allSatisfy(text -> assertThat(answer.body()).contains(text));
    assertThat(answer.body()).doesNotContainPattern(BrokenSetup.JAVA);
  }

  private static HttpRequest request(BrokenSetup asked, Surroundings around, Gateway gateway) {
    int port = gateway.port(asked.text("listener", "query"));
    String path = asked.text("path", "/api/search");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(asked.text("scheme", "https") + "://localhost:" + port + path))
            .version(HttpClient.Version.HTTP_1_1)
            .timeout(Duration.ofSeconds(30))
            .method(asked.text("method", "GET"), HttpRequest.BodyPublishers.noBody());
    asked.says("headers").forEach(header -> request.headers(header.split(": ", 2)));
    String token = asked.text("token", "reader");
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + around.token(token));
    }
    String tenant = asked.text("tenant", Surroundings.TENANT);
    return (tenant.isEmpty() ? request : request.header("X-Scope-OrgID", tenant)).build();
  }

  private static HttpResponse<String> send(HttpClient client, HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static SSLContext trust(Surroundings around)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("ca", around.ca().certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
