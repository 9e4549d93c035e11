package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.ClosedPort;
import io.scopegate.testkit.tempo.Surface;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An upstream whose gRPC is on another port, and whose paths begin with something. */
final class UpstreamPlacesIT {
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";

  private final TempoStandIn http = TempoStandIn.start();
  private final TempoStandIn grpc = TempoStandIn.start();

  @AfterEach
  void stop() {
    http.close();
    grpc.close();
  }

  private GatewayHarness start(String protocol, String more) {
    return GatewayHarness.start(
        """
        upstreams:
          query:
            url: "http://127.0.0.1:%d"
            grpcUrl: "http://127.0.0.1:%d"
            protocol: %s
            %s
        listeners:
          query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
        """
            .formatted(http.queryPort(), grpc.queryPort(), protocol, more));
  }

  private static H2Wire.Message get(GatewayHarness harness, String path) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      return client.message(client.request(harness.http2("GET", path), true));
    }
  }

  private static H2Wire.Message search(GatewayHarness harness) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      int stream = client.request(harness.grpc(SEARCH), false);
      byte[] message = SearchRequest.newBuilder().setQuery("{}").build().toByteArray();
      client.data(stream, Spans.message(false, message), true);
      return client.message(stream);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "h2c"})
  void onePortOfTheGatewayIsTwoOfTempo(String protocol) throws IOException {
    try (GatewayHarness harness = start(protocol, "")) {
      assertThat(get(harness, "/api/search?q=%7B%7D").status()).isEqualTo(200);
      assertThat(search(harness).grpcStatus()).isEqualTo("0");
    }

    assertThat(http.received().count(Surface.QUERY_HTTP)).isEqualTo(1);
    assertThat(grpc.received().count(Surface.QUERY_GRPC)).isEqualTo(1);
    assertThat(http.received().count() + grpc.received().count()).isEqualTo(2);
    assertThat(http.received().last().protocol())
        .isEqualTo(protocol.equals("auto") ? "http/1.1" : "h2");
  }

  @Test
  void aPortThatIsGoneIsToldApart() throws IOException {
    try (GatewayHarness harness = start("auto", "")) {
      grpc.close();

      assertThat(search(harness).grpcStatus()).isEqualTo("14");
      assertThat(get(harness, "/api/search?q=%7B%7D").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/search?q=%7B%20.a%20%3D%20%22/api/%22%7D&start=1",
        "/api/v2/search/tag/resource.%22a%2Fb%22/values",
        "/api/traces/1f"
      })
  void aPrefixIsPutBeforeThePathAndNothingElseChanges(String target) throws IOException {
    try (GatewayHarness harness = start("auto", "pathPrefix: /one/tempo")) {
      get(harness, target);
      assertThat(http.received().last().uri()).isEqualTo("/one/tempo" + target);

      assertThat(get(harness, "/one/tempo/api/traces/1f").status()).isEqualTo(404);
      assertThat(search(harness).grpcStatus()).isEqualTo("0");
    }

    assertThat(grpc.received().last().uri()).isEqualTo(SEARCH);
    assertThat(http.received().count()).isEqualTo(1);
  }

  // ---- several, and sockets

  private GatewayHarness startWith(String upstream) {
    return GatewayHarness.start(
        """
        upstreams:
          query: {%s}
        listeners:
          query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
        """
            .formatted(upstream));
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "h2c", "http1"})
  void aUnixSocketIsAnUpstream(String protocol, @TempDir Path directory) throws IOException {
    Path path = directory.resolve("tempo.sock");
    try (UnixBridge bridge = UnixBridge.open(path, http.queryPort());
        GatewayHarness harness = startWith("url: \"unix://" + path + "\", protocol: " + protocol)) {
      assertThat(get(harness, "/api/search?q=%7B%7D").status()).isEqualTo(200);
      if (!protocol.equals("http1")) {
        assertThat(search(harness).grpcStatus()).isEqualTo("0");
      }
      assertThat(bridge.connections()).isPositive();
    }
  }

  @Test
  void aSocketThatIsNotThereIsAnUpstreamThatCannotBeReached(@TempDir Path directory)
      throws IOException {
    try (GatewayHarness harness =
        startWith("url: \"unix://" + directory.resolve("none.sock") + "\"")) {
      assertThat(get(harness, "/api/search").status()).isEqualTo(503);
    }
  }

  @Test
  void aListNamesTheServers(@TempDir Path directory) throws IOException {
    Path path = directory.resolve("tempo.sock");
    try (UnixBridge bridge = UnixBridge.open(path, http.queryPort());
        GatewayHarness harness =
            startWith(
                "url: \"http://tempo.example:3200\", host: upstream, endpoints: [\"unix://"
                    + path
                    + "\", \"localhost:"
                    + grpc.queryPort()
                    + "\"]")) {
      for (int i = 0; i < 40; i++) {
        assertThat(get(harness, "/api/search?q=%7B%7D").status()).isEqualTo(200);
      }
      assertThat(bridge.connections()).isPositive();
    }
    assertThat(grpc.received().count()).isPositive();
    assertThat(http.received().last().header("host")).containsExactly("tempo.example:3200");
  }

  // ---- the host, and loops

  @ParameterizedTest
  @CsvSource({
    "client, tempo.example",
    "upstream, 127.0.0.1",
    "other.example:8080, other.example:8080"
  })
  void theHostIsTheClientsTheUpstreamsOrAGivenOne(String host, String sent) throws IOException {
    try (GatewayHarness harness =
        startWith("url: \"http://127.0.0.1:" + http.queryPort() + "\", host: \"" + host + "\"")) {
      assertThat(get(harness, "/api/search?q=%7B%7D").status()).isEqualTo(200);
      String expected = host.equals("upstream") ? "127.0.0.1:" + http.queryPort() : sent;
      assertThat(http.received().last().header("host")).containsExactly(expected);
      assertThat(http.received().last().header("x-forwarded-host"))
          .containsExactly("tempo.example");
    }
  }

  @Test
  void anUpstreamThatLeadsBackIsALoop() throws IOException {
    try (ClosedPort port = ClosedPort.any();
        GatewayHarness harness =
            GatewayHarness.start(
                """
                upstreams:
                  query: {url: "http://127.0.0.1:%1$d"}
                listeners:
                  query: {address: "127.0.0.1:%1$d", serves: [tempo-query], upstream: query}
                """
                    .formatted(port.number()))) {
      H2Wire.Message answer = get(harness, "/api/search");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.field("retry-after")).isEqualTo("30");
      assertThat(new String(answer.body(), StandardCharsets.UTF_8))
          .contains("leads back to it; set upstreams.NAME.host to upstream");
      assertThat(search(harness).grpcStatus()).isEqualTo("14");
    }
  }
}
