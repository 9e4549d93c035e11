package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that warms up is not ready before, and nothing of its warm-up shows anywhere. */
final class WarmUpStartIT {
  /** Leads nowhere, so the gateway does not become ready; what is missing is what is looked at. */
  private static final String KUBECONFIG =
      """
      current-context: c
      contexts: [{name: c, context: {cluster: c, user: u}}]
      clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
      users: [{name: u, user: {token: t}}]
      """;

  @TempDir private Path directory;
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    telemetry.close();
  }

  private Gateway start(String warmUp) throws IOException {
    Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), KUBECONFIG);
    LoadedConfig loaded =
        TestFiles.load(
            directory,
            """
            upstreams: {sink: {url: "http://127.0.0.1:1", protocol: h2c}}
            listeners:
              a: {address: "127.0.0.1:0", serves: [otlp-grpc], upstream: sink}
            authentication: {kubernetes: {kubeconfig: "%s"}}
            upstreamChecks: {interval: 0s}
            forwarding: {drain: 10ms, eventLoops: 1}
            admin: {address: "127.0.0.1:0", console: null, warmUp: %s}
            """
                .formatted(kubeconfig, warmUp));
    assertThat(loaded.problems()).isEmpty();
    GatewayConfig config = loaded.config();
    return Await.result(Gateway.startWarmingUp(config, telemetry));
  }

  private String readyz(Gateway gateway) {
    URI readyz = URI.create("http://127.0.0.1:" + gateway.adminPort() + "/readyz");
    try {
      return client.send(HttpRequest.newBuilder(readyz).build(), BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static Stream<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("scopegate-warm-up"));
  }

  @Test
  void isNotReadyWhileItWarmsUpAndStopsInItsMiddle() throws IOException {
    Gateway gateway = start("60s");

    assertThat(readyz(gateway)).contains("warming up");
    Await.result(gateway.stop());

    GatewayHarness.until(() -> threads().findAny().isEmpty());
  }

  @Test
  void isReadyAfterItsTimeAndNothingOfItIsCounted() throws IOException {
    Gateway gateway = start("300ms");

    GatewayHarness.until(() -> !readyz(gateway).contains("warming up"));
    GatewayHarness.until(() -> threads().findAny().isEmpty());

    assertThat(gateway.exchanges()).isZero();
    assertThat(gateway.upstreamConnections()).isZero();
    assertThat(gateway.bytesInFlight()).isZero();
    assertThat(new String(telemetry.scrape(), StandardCharsets.UTF_8))
        .doesNotContain("warm-up")
        .doesNotContain("scopegate_requests_total")
        .doesNotContain("listener=\"calls\"");
    assertThat(telemetry.refusals().last()).isEmpty();
    Await.result(gateway.stop());
  }

  @Test
  void isReadyAtOnceWithoutTime() throws IOException {
    Gateway gateway = start("0s");

    assertThat(readyz(gateway)).contains("review").doesNotContain("warming up");
    Await.result(gateway.stop());
  }
}
