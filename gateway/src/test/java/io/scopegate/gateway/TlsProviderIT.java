package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSsl;
import io.scopegate.testkit.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both TLS providers, towards upstreams and on listeners. */
final class TlsProviderIT {
  @TempDir private Path directory;
  private final TestCa ca = TestCa.create();
  private TlsUpstream upstream;

  @BeforeEach
  void open() throws IOException {
    upstream = TlsUpstream.open(ca, 100);
    ca.writePem(directory.resolve("ca.crt"));
    TestCa.Issued own = ca.client("scopegate");
    own.writeCertificate(directory.resolve("own.crt"));
    own.writeKey(directory.resolve("own.key"));
  }

  @AfterEach
  void close() throws IOException {
    upstream.close();
  }

  private GatewayHarness start(String provider, String host, String tls) {
    return GatewayHarness.start(
        """
        upstreams:
          up:
            url: "https://%s:%d"
            protocol: http1
            tls: {certificateFile: "%3$s/own.crt", keyFile: "%3$s/own.key", %4$s}
        tls:
          mode: optional
          certificateFile: DIR/tls.crt
          keyFile: DIR/tls.key
          provider: %5$s
        listeners:
          in: {address: "127.0.0.1:0", serves: [generic-read], upstream: up}
        """
            .formatted(host, upstream.port(), directory, tls, provider));
  }

  /** One request, after which only the connection to the upstream is open. */
  private void get(GatewayHarness harness) throws IOException {
    try (Wire client = Wire.connectTls(harness.port("in"), harness.trust(), "http/1.1")) {
      client.write(harness.http1("GET", "/x"));
      Wire.Head head = client.readHead();
      assertThat(head.status()).isEqualTo(200);
      client.readBody(head);
    }
    GatewayHarness.until(() -> harness.gateway.clientConnections() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void anUpstreamWithoutADotInItsNameIsAskedForByThatName(String provider) throws IOException {
    try (GatewayHarness harness =
        start(provider, "localhost", "caFile: \"" + directory + "/ca.crt\"")) {
      get(harness);
    }
    assertThat(upstream.names()).containsExactly("localhost");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void aGatewayThatStopsEndsItsConnectionsInOrder(String provider) throws IOException {
    try (GatewayHarness harness =
        start(provider, "localhost", "caFile: \"" + directory + "/ca.crt\"")) {
      get(harness);
      assertThat(harness.gateway.upstreamConnections()).isOne();
      harness.stop();
    }
    GatewayHarness.until(() -> upstream.endedInOrder() == 1);
  }

  @ParameterizedTest
  @CsvSource({
    "auto, localhost, tempo-distributor, tempo-distributor",
    "jdk, localhost, tempo-distributor, tempo-distributor",
    "auto, 127.0.0.1, tempo.monitoring.svc, tempo.monitoring.svc",
    "jdk, 127.0.0.1, tempo.monitoring.svc., tempo.monitoring.svc"
  })
  void theNameThatIsConfiguredIsAskedFor(
      String provider, String host, String serverName, String expected) throws IOException {
    try (GatewayHarness harness =
        start(provider, host, "serverName: " + serverName + ", insecureSkipVerify: true")) {
      get(harness);
    }
    assertThat(upstream.names()).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "jdk"})
  void anAddressIsNoNameToAskFor(String provider) throws IOException {
    try (GatewayHarness harness =
        start(provider, "127.0.0.1", "caFile: \"" + directory + "/ca.crt\"")) {
      get(harness);
    }
    assertThat(upstream.names()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"jdk, '', JDK", "auto, 'provider: jdk, ', JDK"})
  void theJdksTlsCanBeForcedForListenersAndUpstreams(
      String provider, String ofUpstream, String shown) throws IOException {
    try (GatewayHarness harness =
        start(provider, "localhost", ofUpstream + "caFile: \"" + directory + "/ca.crt\"")) {
      get(harness);
      String uses =
          harness
              .metrics()
              .lines()
              .filter(line -> line.contains("provider=\""))
              .reduce("", (all, line) -> all + line + "\n");
      assertThat(uses).contains("provider=\"" + shown + "\"");
      if (provider.equals("jdk") && OpenSsl.isAvailable()) {
        assertThat(uses).doesNotContain(OpenSsl.versionString());
      }
    }
  }
}
