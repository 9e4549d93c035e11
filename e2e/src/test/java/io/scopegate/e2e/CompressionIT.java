package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Bodies in each coding that the gateway measures, by gRPC and by HTTP: the spans of a real
 * collector are counted to the last one, and it is held to a limit of spans.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompressionIT {
  private static final Duration ARRIVES = Duration.ofSeconds(90);
  private static final int BATCHES = 3;
  private static final int SPANS = 400;

  /** So few that a slow machine is refused too: what comes after the first batch waits. */
  private static final int SPANS_A_SECOND = 60;

  /** The first batch may be more than a second's worth, and the others wait for what is owed. */
  private static final Duration AT_LEAST =
      Duration.ofSeconds((SPANS - SPANS_A_SECOND) / SPANS_A_SECOND - 1);

  /** Instead of paranoid, by which each byte that is read of a message leaves a stack trace. */
  private static final String LEAKS = "-Dio.netty.leakDetection.level=simple";

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
  void spansOfACollectorAreCountedAndLimitedInEachCoding() {
    try (SpanLedger tempo = new SpanLedger();
        GatewayRun gateway =
            GatewayRun.of(cluster, GatewayRun.Upstreams.one(tempo.port()))
                .add("limits: {defaults: {spansPerSecond: " + SPANS_A_SECOND + "}}")
                .jvm(LEAKS)
                .start("compression");
        LimitedCollector collector = LimitedCollector.start(cluster, gateway)) {
      long since = System.nanoTime();
      Map<Way, SpanFeed> feeds = new EnumMap<>(Way.class);
      for (Way way : Way.values()) {
        SpanFeed feed = new SpanFeed(rpc, collector.port(way));
        feed.send(SPANS);
        feeds.put(way, feed);
      }
      // how many spans a body has is known at its end: what was begun before is let in
      Until.holds("the first batches have arrived", ARRIVES, () -> arrived(tempo, 1));
      feeds
          .values()
          .forEach(feed -> {
            for (int i = 1; i < BATCHES; i++) {
              feed.send(SPANS);
            }
          });
      Until.holds("every span has arrived", ARRIVES, () -> arrived(tempo, BATCHES));
      assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThan(AT_LEAST);

      feeds.forEach((way, feed) -> {
        SpanLedger.Account account = tempo.of(way.tenant());
        assertThat(account.codings()).as("%s", way).containsExactly(way.coding());
        assertThat(account.decoded().get())
            .as("%s", way)
            .isCloseTo(feed.bytes(), withinPercentage(1));
        assertThat(account.wire().get() < feed.bytes() / 3)
            .as("%s on the wire by %s", account.wire(), way)
            .isEqualTo(way.isCompressed());
        Until.holds(
            "the gateway has counted what arrived by " + way,
            ARRIVES,
            () -> metric(gateway, "scopegate_tenant_ingested_spans_total", way) == feed.spans());
        assertThat(metric(gateway, "scopegate_tenant_limited_total", way))
            .as("refusals by %s", way)
            .isPositive();
        assertThat(collector.dropped(way)).as("%s", way).isZero();
      });
    }
  }

  private static boolean arrived(SpanLedger tempo, int batches) {
    return Stream.of(Way.values())
        .allMatch(way -> tempo.of(way.tenant()).spans().size() == batches * SPANS);
  }

  private long metric(GatewayRun gateway, String name, Way way) {
    return Metrics.of(http.get(gateway.admin("/metrics")).text())
        .sum(name, "tenant=\"" + way.tenant() + "\"");
  }
}
