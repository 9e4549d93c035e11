package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.kubernetes.Slice;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * The servers of a Service, from a real API server. It takes no slice with an address of loopback,
 * so no request is sent: what is found is seen in the metrics.
 */
class EndpointSlicesIT {
  private static final Duration LATEST = Duration.ofSeconds(30);
  private static final String NAMESPACE = "monitoring";
  private static final String SLICES =
      "/apis/discovery.k8s.io/v1/namespaces/" + NAMESPACE + "/endpointslices/";

  @AutoClose private TempoStandIn tempo = TempoStandIn.start();
  @AutoClose private GatewayRun gateway;

  private static Slice slice(String name) {
    return Slice.of(NAMESPACE, "query-frontend", name).port("http", 3200);
  }

  private static void apply(Cluster cluster, Slice slice) {
    cluster.apply(slice.toJson().encode());
  }

  private boolean isUsed(Http http, String address) {
    return http.get(gateway.admin("/metrics")).text().contains("endpoint=\"" + address + ":3200\"");
  }

  @Test
  void whatTheSlicesSayIsFollowedWithTheRightOfTheManifest() {
    Cluster cluster = Cluster.shared();
    Http http = Http.one(cluster.ca());
    cluster.apply("{apiVersion: v1, kind: Namespace, metadata: {name: " + NAMESPACE + "}}");
    apply(cluster, slice("first").ready("192.0.2.1"));
    apply(cluster, Slice.of(NAMESPACE, "other", "other").port("http", 3200).ready("192.0.2.9"));
    GatewayRun.Upstreams upstreams = Tempo.portsOf(tempo);
    gateway =
        GatewayRun.of(cluster, upstreams)
            .replace(
                "query-frontend: {url: \"http://127.0.0.1:" + upstreams.query() + "\"",
                "query-frontend: {url: \"http://127.0.0.1:"
                    + upstreams.query()
                    + "\", service: \"monitoring/query-frontend:http\"")
            .start("endpoint-slices");
    Until.holds(
        "the missing right is told",
        LATEST,
        () ->
            gateway
                .process()
                .output()
                .contains("grant list and watch on endpointslices.discovery.k8s.io"));

    cluster.apply(
        Scratch.read(Scratch.repository("deploy/manifests/optional/upstream-services.yaml")));
    Until.holds("the first is found", LATEST, () -> isUsed(http, "192.0.2.1"));
    apply(cluster, slice("second").ready("192.0.2.2").starting("192.0.2.3"));
    Until.holds("the second is found", LATEST, () -> isUsed(http, "192.0.2.2"));
    assertThat(isUsed(http, "192.0.2.3")).as("it is not ready").isFalse();
    assertThat(isUsed(http, "192.0.2.9")).as("it is another Service's").isFalse();

    apply(cluster, slice("first").terminating("192.0.2.1"));
    Until.holds("the first is gone", LATEST, () -> !isUsed(http, "192.0.2.1"));
    cluster.delete(SLICES + "second");
    Until.holds(
        "the first is used while it ends, since there is no other",
        LATEST,
        () -> isUsed(http, "192.0.2.1") && !isUsed(http, "192.0.2.2"));
    cluster.delete(SLICES + "first");
    Until.holds("none is there", LATEST, () -> !isUsed(http, "192.0.2.1"));
  }
}
