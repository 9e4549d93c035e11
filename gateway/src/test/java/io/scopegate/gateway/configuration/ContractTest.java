package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.authz.AuthenticationConfig;
import io.scopegate.config.ConfigLoader;
import io.scopegate.config.DataSize;
import io.scopegate.config.EffectiveYaml;
import io.scopegate.config.HostPort;
import io.scopegate.gateway.TestFiles;
import io.scopegate.gateway.access.AuthorizationConfig;
import io.scopegate.gateway.access.ResourceAttributesConfig;
import io.scopegate.gateway.exchange.HeapShares;
import io.scopegate.gateway.forward.TimeoutsConfig;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.forward.UpstreamUrl;
import io.scopegate.gateway.listen.ClientsConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.listen.RouteConfig;
import io.scopegate.gateway.route.Protocol;
import io.scopegate.gateway.tls.TlsConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agreed files load, and mean what was agreed. */
final class ContractTest {
  private static final String SMALLEST =
      """
      tempo:
        distributor: tempo-distributor.monitoring.svc
        queryFrontend: tempo-query-frontend.monitoring.svc
      """;

  @TempDir private Path directory;

  @Test
  void theSmallestFileHasEveryDefault() {
    LoadedConfig loaded = TestFiles.load(directory, SMALLEST);

    assertThat(loaded.problems()).isEmpty();
    GatewayConfig config = loaded.config();
    assertThat(config.tempo()).isNull();
    assertThat(config.effectiveUpstreams())
        .containsOnlyKeys("distributor-otlp-grpc", "distributor-otlp-http", "query-frontend");
    UpstreamConfig queries = queryFrontend(config);
    assertThat(queries.url())
        .isEqualTo(new UpstreamUrl(false, "tempo-query-frontend.monitoring.svc", 3200));
    assertThat(queries.protocol()).isEqualTo(UpstreamConfig.Protocol.AUTO);
    assertThat(config.listeners()).containsOnlyKeys("otlp-grpc", "otlp-http", "query");
  }

  @Test
  void theFullFileIsTheSmallestWithTheDefaultsWrittenOut() {
    LoadedConfig full = LoadedConfig.load(TestFiles.resource("contract/full.yaml"), name -> null);
    LoadedConfig smallest =
        TestFiles.load(directory, "tempo: {distributor: HOST, queryFrontend: HOST}");

    assertThat(full.problems()).isEmpty();
    assertThat(full.config()).isEqualTo(smallest.config());
  }

  @Test
  void theLocalFileLoads() throws IOException {
    Path kubeconfig =
        Files.writeString(
            directory.resolve("kubeconfig"),
            """
            clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443"}}]
            users: [{name: u, user: {token: t}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            current-context: x
            """);
    Map<String, String> environment =
        Map.of(
            "SCOPEGATE_TLS_CERT", TestFiles.resource("tls/rsa.crt").toString(),
            "SCOPEGATE_TLS_KEY", TestFiles.resource("tls/rsa.pkcs8.key").toString(),
            "SCOPEGATE_KUBECONFIG", kubeconfig.toString());

    LoadedConfig loaded =
        LoadedConfig.load(TestFiles.resource("contract/local.yaml"), environment::get);

    assertThat(loaded.problems()).isEmpty();
    ListenerConfig query = listener(loaded.config(), "query");
    assertThat(query.address()).isEqualTo(new HostPort("127.0.0.1", 3200));
    assertThat(query.tls().mode()).isEqualTo(TlsConfig.Mode.OPTIONAL);
    assertThat(query.tls().keyFile()).isEqualTo(TestFiles.resource("tls/rsa.pkcs8.key"));
  }

  @Test
  void theDefaultsOfWhatTheDesignLeftOpen() {
    GatewayConfig config = TestFiles.load(directory, SMALLEST).config();

    UpstreamConfig upstream = queryFrontend(config);
    assertThat(upstream.timeouts())
        .isEqualTo(
            new TimeoutsConfig(
                Duration.ofSeconds(5),
                Duration.ofMinutes(2),
                Duration.ofMinutes(5),
                Duration.ofHours(1)));
    assertThat(upstream.connections().max()).isEqualTo(256);
    assertThat(upstream.connections().idleTimeout()).isEqualTo(Duration.ofSeconds(90));
    assertThat(upstream.connections().pending()).isEqualTo(10_000);
    assertThat(upstream.connections().http2()).isEqualTo(4);
    assertThat(config.clients())
        .isEqualTo(
            new ClientsConfig(
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                HeapShares.ofThisProcess().connections(),
                0,
                1_000,
                new DataSize(32_768),
                true));
    assertThat(config.forwarding().maxBytesInFlight())
        .isEqualTo(HeapShares.ofThisProcess().bytesInFlight());
    assertThat(config.forwarding().maxRequestsInFlight())
        .isEqualTo(HeapShares.ofThisProcess().requestsInFlight());
    assertThat(config.forwarding().eventLoops()).isZero();
    AuthenticationConfig authentication = config.authentication();
    assertThat(authentication.kubernetes().reviews().perSecond()).isEqualTo(200);
    assertThat(authentication.kubernetes().reviews().burst()).isEqualTo(400);
    assertThat(authentication.kubernetes().reviews().concurrent()).isEqualTo(64);
    assertThat(authentication.kubernetes().reviews().queue()).isEqualTo(2_000);
    assertThat(authentication.kubernetes().reviews().timeout()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void aCertificateWithoutAModeMeansTlsOnly() {
    GatewayConfig config =
        TestFiles.load(
                directory,
                SMALLEST
                    + """
                    tls: {certificateFile: "${CRT}", keyFile: "${KEY}"}
                    listeners:
                      a: {address: "127.0.0.1:1", serves: [otlp-http], upstream: query-frontend}
                      b: {address: "127.0.0.1:2", serves: [otlp-grpc], upstream: query-frontend,
                          tls: {mode: disabled}}
                    """)
            .config();

    assertThat(listener(config, "a").tls().mode()).isEqualTo(TlsConfig.Mode.REQUIRED);
    assertThat(listener(config, "b").tls().mode()).isEqualTo(TlsConfig.Mode.DISABLED);
    assertThat(TestFiles.load(directory, SMALLEST).config().tls().mode())
        .isEqualTo(TlsConfig.Mode.DISABLED);
  }

  @Test
  void aListenerOverridesKeyByKey() {
    GatewayConfig config =
        TestFiles.load(
                directory,
                SMALLEST
                    + """
                    tls: {mode: optional, certificateFile: "${CRT}", keyFile: "${KEY}"}
                    clients: {maxStreams: 7, idleTimeout: 1m}
                    listeners:
                      a: {address: "127.0.0.1:1", serves: [otlp-http], upstream: query-frontend,
                          tls: {mode: required}, clients: {maxStreams: 8}}
                      b: {address: "127.0.0.1:2", serves: [otlp-grpc], upstream: query-frontend,
                          tls: {mode: disabled}}
                    """)
            .config();

    ListenerConfig a = listener(config, "a");
    assertThat(a.tls().mode()).isEqualTo(TlsConfig.Mode.REQUIRED);
    assertThat(a.tls().certificateFile()).isEqualTo(TestFiles.resource("tls/rsa.crt"));
    assertThat(a.clients().maxStreams()).isEqualTo(8);
    assertThat(a.clients().idleTimeout()).isEqualTo(Duration.ofMinutes(1));
    ListenerConfig b = listener(config, "b");
    assertThat(b.tls().mode()).isEqualTo(TlsConfig.Mode.DISABLED);
    assertThat(b.clients().maxStreams()).isEqualTo(7);
  }

  @Test
  void aPortCanServeSeveralUpstreams() {
    GatewayConfig config =
        TestFiles.load(
                directory,
                SMALLEST
                    + """
                    listeners:
                      all:
                        address: "[::]:8443"
                        routes:
                          - {serves: [otlp-grpc], upstream: distributor-otlp-grpc}
                          - {serves: [tempo-query], upstream: query-frontend}
                    """)
            .config();

    assertThat(listener(config, "all").effectiveRoutes())
        .containsExactly(
            new RouteConfig(List.of(Protocol.OTLP_GRPC), "distributor-otlp-grpc"),
            new RouteConfig(List.of(Protocol.TEMPO_QUERY), "query-frontend"));
  }

  @Test
  void aMappingFillsTheResourceAttributes() {
    AuthorizationConfig namespaced =
        TestFiles.load(directory, SMALLEST + "authorization: {mapping: namespaced}")
            .config()
            .authorization();
    AuthorizationConfig operator = TestFiles.load(directory, SMALLEST).config().authorization();

    assertThat(namespaced.resourceAttributes())
        .isEqualTo(
            new ResourceAttributesConfig(
                "tempo.grafana.com", "", "traces", "", "traces", "{tenant}"));
    assertThat(operator.resourceAttributes())
        .isEqualTo(ConfigLoader.defaults(ResourceAttributesConfig.class));
  }

  @Test
  void theEffectiveConfigurationLoadsAndMeansTheSame() {
    for (String mapping : List.of("tempo-operator", "namespaced", "custom")) {
      GatewayConfig config =
          TestFiles.load(directory, SMALLEST + "authorization: {mapping: " + mapping + "}")
              .config();

      LoadedConfig again = TestFiles.load(directory, EffectiveYaml.of(config));

      assertThat(again.problems()).isEmpty();
      assertThat(again.config()).isEqualTo(config);
    }
  }

  private static ListenerConfig listener(GatewayConfig config, String name) {
    return Objects.requireNonNull(config.listeners().get(name), name);
  }

  private static UpstreamConfig queryFrontend(GatewayConfig config) {
    return Objects.requireNonNull(config.effectiveUpstreams().get("query-frontend"));
  }
}
