package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.kubernetes.KubernetesStandIn;
import io.scopegate.testkit.kubernetes.Resource;
import io.scopegate.testkit.kubernetes.Rule;
import io.scopegate.testkit.kubernetes.Slice;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An upstream whose servers are those of a Kubernetes Service. */
final class ServiceUpstreamIT {
  private static final String SEARCH = "/tempopb.StreamingQuerier/Search";
  private static final String SERVICE =
      """
      upstreams:
        query: {url: "http://query-frontend.tempo.svc:3200", service: "tempo/query-frontend:http"}
      listeners:
        query: {address: "127.0.0.1:0", serves: [tempo-query], upstream: query}
      """;

  private final TempoStandIn one = TempoStandIn.start();
  private final TempoStandIn other = TempoStandIn.start();

  @AfterEach
  void stop() {
    one.close();
    other.close();
  }

  private static Slice slice(TempoStandIn server) {
    return Slice.of("tempo", "query-frontend", "s" + server.queryPort())
        .port("http", server.queryPort());
  }

  private static void granted(KubernetesStandIn cluster) {
    cluster.grantIn(
        "tempo",
        cluster.serviceAccount("scopegate", "scopegate").subject(),
        Rule.watch(Resource.ENDPOINT_SLICES.group(), Resource.ENDPOINT_SLICES.plural()));
  }

  private void oneIsReady(KubernetesStandIn cluster) {
    granted(cluster);
    cluster.slice(slice(one).ready("127.0.0.1"));
  }

  private static H2Wire.Message get(GatewayHarness harness) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      return client.message(client.request(harness.http2("GET", "/api/search?q=%7B%7D"), true));
    }
  }

  private static int status(GatewayHarness harness) {
    try {
      return get(harness).status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String call(GatewayHarness harness) throws IOException {
    try (H2Wire client = H2Wire.connect(harness.port("query"))) {
      int stream = client.request(harness.grpc(SEARCH), false);
      byte[] message = SearchRequest.newBuilder().setQuery("{}").build().toByteArray();
      client.data(stream, Spans.message(false, message), true);
      return client.message(stream).grpcStatus();
    }
  }

  @Test
  void itsServersGetRequestsAsTheyComeAndGo() throws IOException {
    try (GatewayHarness harness = GatewayHarness.following(SERVICE, this::oneIsReady)) {
      GatewayHarness.until(() -> status(harness) == 200);
      assertThat(call(harness)).isEqualTo("0");

      harness.kubernetes.slice(slice(other).ready("127.0.0.1"));
      GatewayHarness.until(() -> status(harness) == 200 && other.received().count() > 0);

      harness.kubernetes.slice(slice(one).terminating("127.0.0.1"));
      GatewayHarness.until(
          () -> !harness.metrics().contains("endpoint=\"127.0.0.1:" + one.queryPort() + "\""));
      long before = one.received().count();
      for (int i = 0; i < 20; i++) {
        assertThat(status(harness)).isEqualTo(200);
        assertThat(call(harness)).isEqualTo("0");
      }
      assertThat(one.received().count()).isEqualTo(before);
    }
  }

  @Test
  void withoutServersRequestsAreRefusedUntilThereIsOne() throws IOException {
    try (GatewayHarness harness = GatewayHarness.following(SERVICE, this::oneIsReady)) {
      GatewayHarness.until(() -> status(harness) == 200);
      harness.kubernetes.slice(slice(one).starting("127.0.0.1"));
      GatewayHarness.until(() -> status(harness) == 503);
      H2Wire.Message refused = get(harness);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.field("retry-after")).isEqualTo("1");
      assertThat(call(harness)).isEqualTo("14");

      harness.kubernetes.slice(slice(other).ready("127.0.0.1"));
      GatewayHarness.until(() -> status(harness) == 200);
      assertThat(call(harness)).isEqualTo("0");
    }
  }

  @Test
  void whatIsKnownStaysWhileTheApiServerIsAway() throws IOException {
    try (GatewayHarness harness = GatewayHarness.following(SERVICE, this::oneIsReady)) {
      GatewayHarness.until(() -> status(harness) == 200);
      GatewayHarness.until(() ->
          harness.metrics().contains("scopegate_watch_synced{resource=\"endpointslices\"} 1"));
      harness.kubernetes.stopListening();
      GatewayHarness.until(() ->
          harness.metrics().contains("scopegate_watch_synced{resource=\"endpointslices\"} 0"));

      assertThat(status(harness)).isEqualTo(200);
    }
  }

  @Test
  void itIsFollowedAfterAReloadAndNoMoreAfterAnother() throws IOException {
    String direct = SERVICE.replace("service: \"tempo/query-frontend:http\"", "protocol: auto");
    direct = direct.replace("query-frontend.tempo.svc:3200", "127.0.0.1:" + one.queryPort());
    try (GatewayHarness harness =
        GatewayHarness.following(
            direct,
            cluster -> {
              granted(cluster);
              cluster.slice(slice(other).ready("127.0.0.1"));
            })) {
      assertThat(status(harness)).isEqualTo(200);
      assertThat(harness.kubernetes.watches()).isZero();

      harness.reload(SERVICE);
      GatewayHarness.until(() -> status(harness) == 200 && other.received().count() > 0);
      GatewayHarness.until(() -> harness.kubernetes.watches() == 1);

      harness.reload(direct);
      GatewayHarness.until(() -> harness.kubernetes.watches() == 0);
      assertThat(status(harness)).isEqualTo(200);
    }
  }

  @Test
  void checksAskItsServers() throws IOException {
    String checked =
        SERVICE.replace("query-frontend.tempo.svc", "no-such-name.invalid")
            + "upstreamChecks: {unreachable: not-ready, timeout: 5s}\n";
    try (GatewayHarness harness = GatewayHarness.following(checked, this::oneIsReady)) {
      GatewayHarness.until(
          () -> harness.metrics().contains("scopegate_upstream_up{upstream=\"query\"} 1"));
      assertThat(harness.metrics())
          .contains("scopegate_upstream_multitenant{upstream=\"query\"} 1");
    }
  }

  @Test
  void withoutTheRightRequestsAreRefused() throws IOException {
    try (GatewayHarness harness = GatewayHarness.following(SERVICE, cluster -> {})) {
      H2Wire.Message refused = get(harness);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("unreachable");
    }
  }
}
