package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A real collector that has more to say than its tenant may: it is held to the limit, and loses
 * nothing. It is over the limit for a minute, at half of it for another, and then silent until what
 * it kept is gone.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TenantLimitsIT {
  private static final Duration OVER = Duration.ofSeconds(60);
  private static final Duration UNDER = Duration.ofSeconds(60);
  private static final Duration ARRIVES = Duration.ofSeconds(60);

  /**
   * Two limits' worth of bytes for each second over it: half of one goes in each second under it.
   */
  private static final Duration EMPTIES = OVER.multipliedBy(4);

  /** What a tenant may use at once has been used by then. */
  private static final Duration BURST = Duration.ofSeconds(5);

  private static final Duration TICK = Duration.ofMillis(20);
  private static final long LIMIT = 100_000;

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
  void collectorIsHeldToTheLimitAndEverySpanArrives() {
    try (SpanLedger tempo = new SpanLedger();
        GatewayRun gateway = limited(tempo, "{defaults: {ingestBytesPerSecond: " + LIMIT + "B}}");
        LimitedCollector collector = LimitedCollector.start(cluster, gateway)) {
      Map<Way, SpanFeed> feeds = feeds(collector);
      Map<Way, Pace> paces = new EnumMap<>(Way.class);
      try (Paced over = atRate(feeds, 3 * LIMIT)) {
        Until.passed(BURST);
        feeds.forEach((way, feed) -> paces.put(way, new Pace(tempo, way, feed)));
        Until.passed(OVER.minus(BURST));
        paces.forEach((way, pace) -> {
          assertThat(pace.offered()).as("offered by %s", way).isGreaterThan(5 * LIMIT / 2);
          assertThat(refused(gateway, way)).as("refusals by %s", way).isPositive();
        });
      }
      try (Paced under = atRate(feeds, LIMIT / 2)) {
        Until.passed(UNDER);
        paces.values().forEach(Pace::stop);
      }
      Until.holds("every span has arrived", EMPTIES, () -> allHaveArrived(tempo, feeds));

      paces.forEach((way, pace) -> {
        System.out.printf(
            "%s: %.1f %% of the limit, %d spans, %d refusals, %.1f bytes for one on the wire%n",
            way,
            100.0 * pace.accepted() / LIMIT,
            feeds.get(way).spans(),
            refused(gateway, way),
            pace.compression());
        assertThat(pace.accepted()).as("accepted by %s", way).isCloseTo(LIMIT, withinPercentage(5));
        assertThat(pace.compression() > 3).as("%s", way).isEqualTo(way.isCompressed());
        nothingWasLost(gateway, tempo, collector, way);
      });
      assertThat(collector.process().output()).contains("Throttle", "Will retry");
    }
  }

  @Test
  void batchThatCanNeverFitIsDroppedAndWhatFollowsIsNot() {
    try (SpanLedger tempo = new SpanLedger();
        GatewayRun gateway =
            limited(tempo, "{defaults: {ingestBytesPerSecond: 1MB, maxRequestBytes: 100KB}}");
        LimitedCollector collector = LimitedCollector.start(cluster, gateway)) {
      feeds(collector)
          .forEach((way, feed) -> {
            feed.send(150);
            feed.send(50);
            Until.holds(
                "the smaller one has arrived by " + way,
                ARRIVES,
                () -> tempo.of(way.tenant()).spans().size() == 50);
            Until.holds("the larger one is dropped", ARRIVES, () -> collector.dropped(way) == 150);
            assertThat(tempo.of(way.tenant()).spans()).allMatch(number -> number > 150);
            assertThat(metric(gateway, "scopegate_tenant_limited_total", way)).isEqualTo(1);
          });
      assertThat(collector.process().output()).contains("Dropping data");
    }
  }

  /** Tempo's file in both of its forms, then the gateway's own, each with more than before. */
  @Test
  void raisedLimitActsOnACollectorThatSendsAndNothingIsLost() {
    Path overrides = Scratch.write(cluster.file("overrides.yaml"), nested(LIMIT / 2));
    String own = "tempoOverridesFile: \"" + overrides + "\"";
    try (SpanLedger tempo = new SpanLedger();
        GatewayRun gateway = limited(tempo, "{" + own + "}");
        LimitedCollector collector = LimitedCollector.start(cluster, gateway)) {
      Map<Way, SpanFeed> feeds = feeds(collector);
      try (Paced over = atRate(feeds, 3 * LIMIT)) {
        Until.passed(BURST);
        isHeldTo(LIMIT / 2, gateway, tempo, feeds);
        Scratch.replace(overrides, flat(LIMIT));
        isHeldTo(LIMIT, gateway, tempo, feeds);
        Scratch.replace(overrides, nested(LIMIT / 2));
        isHeldTo(LIMIT / 2, gateway, tempo, feeds);
      }
      Path config = gateway.directory().resolve("scopegate.yaml");
      Scratch.replace(
          config, Scratch.read(config).replace(own, own + ", tenants: {" + each(20 * LIMIT) + "}"));
      awaitAll(tempo, feeds);
      for (Way way : Way.WITH_GZIP_AND_WITHOUT) {
        nothingWasLost(gateway, tempo, collector, way);
      }
    }
  }

  /** Within seconds after a change: a collector waits for as long as it was told before. */
  private void isHeldTo(
      long limit, GatewayRun gateway, SpanLedger tempo, Map<Way, SpanFeed> feeds) {
    long changed = System.nanoTime();
    for (Way way : feeds.keySet()) {
      Until.holds(
          "the limit is " + limit,
          ARRIVES,
          () -> metric(gateway, "scopegate_tenant_limit", way, "ingestBytesPerSecond") == limit);
    }
    long known = System.nanoTime();
    Until.passed(Duration.ofSeconds(4));
    Map<Way, Pace> paces = new EnumMap<>(Way.class);
    feeds.forEach((way, feed) -> paces.put(way, new Pace(tempo, way, feed)));
    Until.passed(Duration.ofSeconds(10));
    paces.forEach((way, pace) -> {
      pace.stop();
      System.out.printf(
          "%s: %.1f %% of a limit of %d that acted after %d ms%n",
          way,
          100.0 * pace.accepted() / limit,
          limit,
          TimeUnit.NANOSECONDS.toMillis(known - changed));
      assertThat(pace.accepted()).as("accepted by %s", way).isCloseTo(limit, withinPercentage(15));
    });
  }

  private GatewayRun limited(SpanLedger tempo, String limits) {
    return GatewayRun.of(cluster, GatewayRun.Upstreams.one(tempo.port()))
        .add("limits: " + limits)
        .start("limited");
  }

  private Map<Way, SpanFeed> feeds(LimitedCollector collector) {
    Map<Way, SpanFeed> feeds = new EnumMap<>(Way.class);
    for (Way way : Way.WITH_GZIP_AND_WITHOUT) {
      feeds.put(way, new SpanFeed(rpc, collector.port(way)));
    }
    return feeds;
  }

  /** At that rate whatever else the machine does: what is late is made up for. */
  private static Paced atRate(Map<Way, SpanFeed> feeds, long bytesPerSecond) {
    Paced paced = new Paced();
    long since = System.nanoTime();
    feeds
        .values()
        .forEach(feed -> {
          long before = feed.bytes();
          paced.each(
              TICK,
              () -> {
                feed.sendUpTo(
                    before + (System.nanoTime() - since) / 1_000 * bytesPerSecond / 1_000_000);
                return true;
              });
        });
    return paced;
  }

  private static boolean allHaveArrived(SpanLedger tempo, Map<Way, SpanFeed> feeds) {
    return feeds.entrySet().stream()
        .allMatch(
            feed -> feed.getValue().spans() == tempo.of(feed.getKey().tenant()).spans().size());
  }

  private static void awaitAll(SpanLedger tempo, Map<Way, SpanFeed> feeds) {
    Until.holds("every span has arrived", ARRIVES, () -> allHaveArrived(tempo, feeds));
  }

  /** By the collector's account, and by the upstream's and the gateway's, which agree. */
  private void nothingWasLost(
      GatewayRun gateway, SpanLedger tempo, LimitedCollector collector, Way way) {
    assertThat(collector.dropped(way)).isZero();
    Until.holds(
        "the gateway has counted what arrived by " + way,
        ARRIVES,
        () ->
            metric(gateway, "scopegate_tenant_ingested_bytes_total", way)
                == tempo.of(way.tenant()).decoded().get());
  }

  private long refused(GatewayRun gateway, Way way) {
    return metric(gateway, "scopegate_tenant_limited_total", way, "ingestBytesPerSecond");
  }

  private long metric(GatewayRun gateway, String name, Way way) {
    return Metrics.of(http.get(gateway.admin("/metrics")).text())
        .sum(name, "tenant=\"" + way.tenant() + "\"");
  }

  /** Labels are in alphabetical order. */
  private long metric(GatewayRun gateway, String name, Way way, String limit) {
    return Metrics.of(http.get(gateway.admin("/metrics")).text())
        .sum(name, "limit=\"" + limit + "\",tenant=\"" + way.tenant() + "\"");
  }

  private static String nested(long rate) {
    return overrides("{ingestion: {rate_limit_bytes: %1$d, burst_size_bytes: %1$d}}", rate);
  }

  private static String flat(long rate) {
    return overrides("{ingestion_rate_limit_bytes: %1$d, ingestion_burst_size_bytes: %1$d}", rate);
  }

  private static String overrides(String block, long rate) {
    StringBuilder text = new StringBuilder("overrides:\n");
    for (Way way : Way.WITH_GZIP_AND_WITHOUT) {
      text.append("  ")
          .append(way.tenant())
          .append(": ")
          .append(block.formatted(rate))
          .append('\n');
    }
    return text.toString();
  }

  private static String each(long rate) {
    StringBuilder text = new StringBuilder();
    for (Way way : Way.WITH_GZIP_AND_WITHOUT) {
      text.append(way.tenant()).append(": {ingestBytesPerSecond: ").append(rate).append("B}, ");
    }
    return text.substring(0, text.length() - 2);
  }

  /** What has passed for a tenant from one moment to another. */
  private static final class Pace {
    private final SpanLedger.Account account;
    private final SpanFeed feed;
    private final long since = System.nanoTime();
    private final long decodedBefore;
    private final long offeredBefore;
    private long until;
    private long decodedAfter;

    Pace(SpanLedger tempo, Way way, SpanFeed feed) {
      this.account = tempo.of(way.tenant());
      this.feed = feed;
      this.decodedBefore = account.decoded().get();
      this.offeredBefore = feed.bytes();
    }

    /** What comes later is not counted. */
    void stop() {
      until = System.nanoTime();
      decodedAfter = account.decoded().get();
    }

    /** Bytes a second that arrived upstream until {@link #stop}. */
    long accepted() {
      return perSecond(decodedAfter - decodedBefore, until - since);
    }

    /** Bytes a second that the collector was given until now. */
    long offered() {
      return perSecond(feed.bytes() - offeredBefore, System.nanoTime() - since);
    }

    /** How many bytes one byte on the wire was worth. */
    double compression() {
      return (double) account.decoded().get() / account.wire().get();
    }

    private static long perSecond(long bytes, long nanos) {
      return Math.round(bytes * 1e9 / nanos);
    }
  }
}
