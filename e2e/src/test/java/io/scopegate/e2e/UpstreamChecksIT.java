package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the gateway says about a real Tempo that is not set up as it should be. */
final class UpstreamChecksIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static Cluster cluster;

  @BeforeAll
  static void start() {
    Assumptions.assumeTrue(Parts.has("tempo"), "the binary tempo is missing");
    cluster = Cluster.shared();
  }

  private static String readyz(GatewayRun gateway) {
    try {
      return Http.one(cluster.ca()).get(gateway.admin("/readyz")).text();
    } catch (IllegalStateException e) {
      return ""; // not open yet
    }
  }

  private static String metrics(GatewayRun gateway) {
    return Http.one(cluster.ca()).get(gateway.admin("/metrics")).text();
  }

  @Test
  void aTempoWithoutMultitenancyMakesItNotReadyAndSaysWhy() {
    try (Tempo tempo = new Tempo.Real("multitenancy_enabled: true");
        GatewayRun gateway =
            GatewayRun.of(cluster, tempo.ports()).checkingUpstreams().launch("single-tenant")) {
      Until.holds("not ready", PATIENCE, () -> readyz(gateway).contains("is not multi-tenant"));

      assertThat(readyz(gateway)).contains("not ready", "multitenancy_enabled");
      assertThat(metrics(gateway))
          .contains("scopegate_upstream_multitenant{upstream=\"query-frontend\"} 0");
      Until.holds(
          "a line in the log",
          PATIENCE,
          () -> gateway.process().output().contains("set multitenancy_enabled: true in Tempo"));
    }
  }

  @Test
  void aTempoWithoutStreamOverHttpIsAWarningThatNamesTheKeys() {
    try (Tempo tempo = new Tempo.Real("stream_over_http_enabled: true");
        GatewayRun gateway =
            GatewayRun.of(cluster, tempo.ports()).checkingUpstreams().start("no-streaming")) {
      assertThat(readyz(gateway)).startsWith("ok\nwarning: upstream query-frontend");
      assertThat(metrics(gateway))
          .contains("scopegate_upstream_up{upstream=\"query-frontend\"} 0")
          .contains("scopegate_upstream_multitenant{upstream=\"query-frontend\"} 1");
      Until.holds(
          "a line in the log",
          PATIENCE,
          () ->
              gateway.process().output().contains("does not speak gRPC")
                  && gateway.process().output().contains("upstreams.query-frontend.grpcUrl"));
    }
  }

  @Test
  void aTempoAsItShouldBeIsFine() {
    try (Tempo tempo = new Tempo.Real();
        GatewayRun gateway =
            GatewayRun.of(cluster, tempo.ports()).checkingUpstreams().start("multi-tenant")) {
      assertThat(readyz(gateway)).isEqualTo("ok\n");
      assertThat(metrics(gateway))
          .contains("scopegate_upstream_up{upstream=\"distributor-otlp-grpc\"} 1")
          .contains("scopegate_upstream_up{upstream=\"distributor-otlp-http\"} 1")
          .contains("scopegate_upstream_up{upstream=\"query-frontend\"} 1")
          .contains("scopegate_upstream_multitenant{upstream=\"query-frontend\"} 1");
    }
  }
}
