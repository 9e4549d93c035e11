package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.configuration.LoadedConfig;
import io.scopegate.gateway.telemetry.Telemetry;
import io.scopegate.testkit.Await;
import io.scopegate.testkit.ClosedPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails leaves nothing behind. */
final class GatewayStartIT {
  @TempDir private Path directory;
  private final Telemetry telemetry = new Telemetry(null, 10, "test");
  private final Set<Thread> before = gatewayThreads();

  @AfterEach
  void nothingIsLeft() throws InterruptedException {
    telemetry.close();
    for (Thread thread : gatewayThreads()) {
      if (!before.contains(thread)) {
        thread.join(30_000); // its end has been told a moment before it ends
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
  }

  private static Set<Thread> gatewayThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("vert.x-") || t.getName().startsWith("scopegate-"))
        .collect(Collectors.toSet());
  }

  /** Leads nowhere, but could be one. */
  private static final String KUBECONFIG =
      """
      current-context: c
      contexts: [{name: c, context: {cluster: c, user: u}}]
      clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
      users: [{name: u, user: {token: t}}]
      """;

  private GatewayConfig config(String yaml) throws IOException {
    Path kubeconfig = directory.resolve("kubeconfig");
    if (!Files.exists(kubeconfig)) {
      Files.writeString(kubeconfig, KUBECONFIG);
    }
    LoadedConfig loaded =
        TestFiles.load(
            directory,
            """
            tempo: {distributor: localhost, queryFrontend: localhost}
            authentication: {kubernetes: {kubeconfig: "%s"}}
            """
                    .formatted(kubeconfig)
                + yaml);
    assertThat(loaded.problems()).isEmpty();
    return loaded.config();
  }

  private String listener(String name, int port) {
    return "  %s: {address: \"127.0.0.1:%d\", serves: [otlp-http], upstream: query-frontend}\n"
        .formatted(name, port);
  }

  @Test
  void failsWhenAPortIsTakenAndClosesTheOthers() throws IOException {
    try (ClosedPort free = ClosedPort.any();
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      GatewayConfig config =
          config(
              "admin: {address: \"127.0.0.1:0\", console: \"127.0.0.1:0\"}\nlisteners:\n"
                  + listener("a", free.number())
                  + listener("b", taken.getLocalPort()));

      assertThatThrownBy(() -> Await.result(Gateway.start(config, telemetry)))
          .hasCauseInstanceOf(IOException.class)
          .hasMessageContaining("listeners.b.address: 127.0.0.1:" + taken.getLocalPort());
      new ServerSocket(free.number(), 1, InetAddress.getLoopbackAddress()).close();
    }
  }

  @Test
  void failsWhenTheAdminPortIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      GatewayConfig config =
          config(
              "admin: {address: \"127.0.0.1:%d\", console: \"127.0.0.1:0\"}\nlisteners:\n"
                      .formatted(taken.getLocalPort())
                  + listener("a", 0));

      assertThatThrownBy(() -> Await.result(Gateway.start(config, telemetry)))
          .hasCauseInstanceOf(IOException.class)
          .hasMessageContaining("admin.address: 127.0.0.1:" + taken.getLocalPort());
    }
  }

  @Test
  void failsWhenThePortOfTheConsoleIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      GatewayConfig config =
          config(
              "admin: {address: \"127.0.0.1:0\", console: \"127.0.0.1:%d\"}\nlisteners:\n"
                      .formatted(taken.getLocalPort())
                  + listener("a", 0));

      assertThatThrownBy(() -> Await.result(Gateway.start(config, telemetry)))
          .hasCauseInstanceOf(IOException.class)
          .hasMessageContaining("admin.console: 127.0.0.1:" + taken.getLocalPort());
    }
  }

  @Test
  void failsWhenACertificateCannotBeUsed() throws IOException {
    Path certificate = Files.copy(TestFiles.resource("tls/rsa.crt"), directory.resolve("tls.crt"));
    GatewayConfig config =
        config(
            "admin: {address: \"127.0.0.1:0\", console: \"127.0.0.1:0\"}\nlisteners:\n"
                + listener("a", 0)
                + "tls: {mode: required, certificateFile: \"%s\", keyFile: \"${KEY}\"}\n"
                    .formatted(certificate));
    Files.writeString(certificate, "no longer one");

    assertThatThrownBy(() -> Await.result(Gateway.start(config, telemetry)))
        .hasCauseInstanceOf(SSLException.class)
        .hasMessageContaining(certificate.toString());
  }

  @Test
  void failsWhenItCannotBeToldWhereKubernetesIs() throws IOException {
    GatewayConfig config =
        config(
            "admin: {address: \"127.0.0.1:0\", console: \"127.0.0.1:0\"}\nlisteners:\n"
                + listener("a", 0));
    Files.writeString(directory.resolve("kubeconfig"), "hello: x");

    assertThatThrownBy(() -> Await.result(Gateway.start(config, telemetry)))
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("kubeconfig");
  }
}
