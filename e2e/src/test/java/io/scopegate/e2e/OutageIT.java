package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoOptions;
import io.scopegate.testkit.tempo.TempoStandIn;
import io.scopegate.testkit.tempo.Traces;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The API server hangs, Tempo is gone: nobody's data is thrown away. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutageIT {
  private static final Duration FREEZE = Duration.ofSeconds(10);
  private static final Duration ARRIVES = Duration.ofSeconds(60);

  private Cluster cluster;
  @AutoClose private Rpc rpc;
  private Http http;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    rpc = new Rpc(cluster.ca());
    http = Http.one(cluster.ca());
  }

  @Test
  void whoeverIsKnownGoesOnAndOthersAreToldToRetry() {
    try (TempoStandIn tempo = TempoStandIn.start();
        GatewayRun gateway = GatewayRun.of(cluster, Tempo.portsOf(tempo)).start("frozen")) {
      String known = cluster.token("showcase", "query");
      String unknown = cluster.token("showcase", "query");
      String unknownIngest = cluster.token("showcase", "ingest");
      assertThat(search(gateway, known).status()).isEqualTo(200);

      cluster.api().freeze();
      try {
        Http.Reply refused = search(gateway, unknown);
        assertThat(refused.status()).as("%s", refused).isEqualTo(503);
        assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(1, 30);
        Rpc.Called called = export(gateway, unknownIngest);
        assertThat(called.status()).isEqualTo(GrpcStatus.UNAVAILABLE);
        assertThat(called.saysWhenToRetry()).isTrue();
        assertThat(search(gateway, known).status()).isEqualTo(200);
        assertThat(http.get(gateway.admin("/readyz")).status()).isEqualTo(200);
      } finally {
        cluster.api().thaw();
      }
      Until.holds("unknown are served", ARRIVES, () -> search(gateway, unknown).status() == 200);
    }
  }

  @Test
  void collectorLosesNothingWhileTheApiServerHangs() {
    try (TempoStandIn tempo = TempoStandIn.start();
        GatewayRun gateway = GatewayRun.of(cluster, Tempo.portsOf(tempo)).start("hangs");
        Collector collector =
            Collector.start(cluster, gateway, "showcase", cluster.token("showcase", "ingest"))) {
      List<String> ids;
      cluster.api().freeze();
      try {
        ids = takeByBothWays(collector);
        Until.passed(FREEZE);
        assertThat(ids).allMatch(id -> tempo.store().trace("showcase", id).isEmpty());
      } finally {
        cluster.api().thaw();
      }
      awaitAll(tempo, collector, ids);
    }
  }

  @Test
  void collectorLosesNothingWhileTempoIsGone() {
    GatewayRun.Upstreams ports =
        new GatewayRun.Upstreams(FreePorts.next(), FreePorts.next(), FreePorts.next());
    TempoOptions options =
        TempoOptions.defaults().withPorts(ports.otlpGrpc(), ports.otlpHttp(), ports.query());
    try (GatewayRun gateway = GatewayRun.of(cluster, ports).start("gone");
        Collector collector =
            Collector.start(cluster, gateway, "showcase", cluster.token("showcase", "ingest"))) {
      try (TempoStandIn before = TempoStandIn.start(options)) {
        awaitAll(before, collector, takeByBothWays(collector));
      }
      List<String> ids = takeByBothWays(collector);
      String query = cluster.token("showcase", "query");
      Http.Reply refused = search(gateway, query);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("retry-after")).isNotEmpty();
      Rpc.Called called = export(gateway, cluster.token("showcase", "ingest"));
      assertThat(called.status()).isEqualTo(GrpcStatus.UNAVAILABLE);
      assertThat(called.saysWhenToRetry()).isTrue();
      try (TempoStandIn after = TempoStandIn.start(options)) {
        awaitAll(after, collector, ids);
        Until.holds( // its connections have a back-off of their own
            "it is asked again", ARRIVES, () -> search(gateway, query).status() == 200);
      }
    }
  }

  private List<String> takeByBothWays(Collector collector) {
    List<String> ids = new ArrayList<>(collector.take(rpc, collector.toGrpc(), 2));
    ids.addAll(collector.take(rpc, collector.toHttp(), 2));
    return ids;
  }

  private static void awaitAll(TempoStandIn tempo, Collector collector, List<String> ids) {
    Until.holds(
        "every span has arrived",
        ARRIVES,
        () -> ids.stream().allMatch(id -> tempo.store().trace("showcase", id).size() >= 1_000));
    assertThat(collector.hasDroppedSpans()).isFalse();
  }

  private Http.Reply search(GatewayRun gateway, String token) {
    return http.get(
        gateway.query("/api/search"),
        "authorization",
        "Bearer " + token,
        "x-scope-orgid",
        "showcase");
  }

  private Rpc.Called export(GatewayRun gateway, String token) {
    return rpc.call(
        gateway.ports().otlpGrpc(),
        Collector.EXPORT,
        Traces.batch(Traces.newId(), "checkout", "POST /cart", 1),
        "authorization",
        "Bearer " + token,
        "x-scope-orgid",
        "showcase");
  }
}
