package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * One tenant, payments, does what it can; another, showcase, notices nothing. What showcase is
 * compared with is itself beside the same connections that send the same, only not to the gateway:
 * so the machine has as much to do in both.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FairnessIT {
  private static final int ATTEMPTS = 3;
  private static final int ROUNDS = 4;
  private static final Duration ROUND = Duration.ofSeconds(4);
  private static final Duration MEASURED = Duration.ofSeconds(10);
  private static final Duration SOON = Duration.ofSeconds(30);

  /**
   * 400 requests of 5 KB a second: twenty times 100 KB. They come evenly; where all 200 come in the
   * same millisecond, whoever comes just then waits for as long as it takes to refuse them.
   */
  private static final int CONNECTIONS = 200;

  private static final Duration FLOOD_EVERY = Duration.ofMillis(500);
  private static final int FLOOD_BYTES = 5_000;

  /** 200 requests of 1 KB a second: half of 400 KB. */
  private static final int GOOD_CLIENTS = 4;

  private static final Duration GOOD_EVERY = Duration.ofMillis(20);
  private static final int GOOD_BYTES = 1_000;

  private static final int IDLE = 2_000;

  /** More than there are connections to an upstream. */
  private static final int UNREAD = 400;

  private static final int UNREAD_BYTES = 16 * 1024 * 1024;

  private Cluster cluster;
  @AutoClose private BodyUpstream upstream;
  @AutoClose private BodyUpstream elsewhere;

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    upstream = new BodyUpstream();
    elsewhere = new BodyUpstream();
  }

  @Test
  void floodOfTwentyTimesTheLimitSlowsNobodyElseDown() throws Exception {
    try (GatewayRun gateway =
        limited(
            "payments: {ingestBytesPerSecond: 100KB}, showcase: {ingestBytesPerSecond: 400KB}")) {
      byte[] good = KeptAlive.export(cluster.token("showcase", "ingest"), "showcase", GOOD_BYTES);
      byte[] bad = KeptAlive.export(cluster.token("payments", "ingest"), "payments", FLOOD_BYTES);
      int port = gateway.ports().otlpHttp();
      beside(good, port, bad, port, new Latencies()); // warms both
      double ratio = Double.MAX_VALUE;
      for (int i = 0; i < ATTEMPTS && ratio > 1.5; i++) {
        ratio = ratio(good, bad, port);
      }
      assertThat(ratio).as("p99 beside a flood by p99 beside one elsewhere").isLessThan(1.5);
      Metrics metrics = metrics(gateway);
      assertThat(metrics.sum("scopegate_tenant_limited_total", "tenant=\"payments\""))
          .isGreaterThan(metrics.sum("scopegate_tenant_requests_total", "tenant=\"payments\"") / 2);
      assertThat(metrics.sum("scopegate_tenant_limited_total", "tenant=\"showcase\"")).isZero();
    }
  }

  /** In turns, so that whatever else the machine does falls on both. */
  private double ratio(byte[] good, byte[] bad, int port) throws Exception {
    Latencies alone = new Latencies();
    Latencies besides = new Latencies();
    for (int i = 0; i < ROUNDS; i++) {
      beside(good, port, bad, elsewhere.port(), alone);
      beside(good, port, bad, port, besides);
    }
    double ratio = (double) besides.p99().toNanos() / alone.p99().toNanos();
    System.out.printf("alone %s, beside a flood %s, ratio %.2f%n", alone, besides, ratio);
    return ratio;
  }

  private static void beside(byte[] good, int port, byte[] bad, int badPort, Latencies latencies)
      throws Exception {
    try (Held held = new Held();
        Paced all = new Paced()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        KeptAlive client = held.connect(badPort);
        all.each(
            FLOOD_EVERY,
            () -> {
              assertThat(client.status(bad)).isIn(200, 429);
              return true;
            });
        Until.passed(FLOOD_EVERY.dividedBy(CONNECTIONS));
      }
      goodClients(held, all, good, port, latencies);
      Until.passed(ROUND);
    }
  }

  /** Each of their requests has to succeed. */
  private static void goodClients(
      Held held, Paced all, byte[] request, int port, Latencies latencies) throws IOException {
    for (int i = 0; i < GOOD_CLIENTS; i++) {
      KeptAlive client = held.connect(port);
      all.each(
          GOOD_EVERY,
          () -> {
            long since = System.nanoTime();
            assertThat(client.status(request)).isEqualTo(200);
            latencies.add(System.nanoTime() - since);
            return true;
          });
    }
  }

  @Test
  void slowReadersAndIdleConnectionsTakeNothingFromOthers() throws Exception {
    try (GatewayRun gateway = limited("payments: {queriesPerSecond: 10000}");
        Held held = new Held()) {
      int port = gateway.ports().query();
      String token = cluster.token("payments", "query");
      byte[] small = query("payments", token, 100);
      for (int i = 0; i < IDLE; i++) {
        assertThat(held.connect(port).status(small)).isEqualTo(200);
      }
      byte[] large = query("payments", token, UNREAD_BYTES);
      for (int i = 0; i < UNREAD; i++) {
        held.connect(port).send(large);
      }
      Until.holds("they are all open", SOON, () -> open(gateway) == UNREAD);
      Until.holds("nothing moves any more", SOON, this::isQuiet);
      othersAreServed(gateway, "slow readers and idle connections");
      assertThat(open(gateway)).isEqualTo(UNREAD);
    }
  }

  @Test
  void heavyQueriesEndAtTheirCapAndTakeNothingFromOthers() throws Exception {
    int most = 10;
    try (GatewayRun gateway =
            limited("payments: {concurrentQueries: 10}, showcase: {concurrentQueries: 10}");
        Held held = new Held();
        Paced more = new Paced()) {
      int port = gateway.ports().query();
      byte[] large = query("payments", cluster.token("payments", "query"), UNREAD_BYTES);
      for (int i = 0; i < most; i++) {
        held.connect(port).send(large);
      }
      Until.holds("they are all open", SOON, () -> open(gateway) == most);
      AtomicInteger refused = new AtomicInteger();
      for (int i = 0; i < most; i++) {
        KeptAlive client = held.connect(port);
        more.each(
            Duration.ofMillis(50),
            () -> {
              assertThat(client.status(large)).isEqualTo(429);
              return refused.incrementAndGet() > 0;
            });
      }
      othersAreServed(gateway, "heavy queries");
      assertThat(refused).hasValueGreaterThan(most);
      assertThat(open(gateway)).isEqualTo(most);
    }
  }

  private void othersAreServed(GatewayRun gateway, String beside) throws Exception {
    Latencies latencies = new Latencies();
    byte[] search = query("showcase", cluster.token("showcase", "query"), 1_000);
    try (Held held = new Held();
        Paced all = new Paced()) {
      goodClients(held, all, search, gateway.ports().query(), latencies);
      Until.passed(MEASURED);
    }
    System.out.printf("beside %s: %s, all successful%n", beside, latencies);
    assertThat(latencies.count()).isGreaterThan(GOOD_CLIENTS);
  }

  private static byte[] query(String tenant, String token, int bytes) {
    return KeptAlive.get(
        "/api/search?bytes=" + bytes,
        "Authorization: Bearer " + token + "\r\nX-Scope-OrgID: " + tenant + "\r\n");
  }

  /** Whether all sockets are full: until then the upstream has its hands full as well. */
  private boolean isQuiet() {
    long before = upstream.written();
    Until.passed(Duration.ofSeconds(1));
    return upstream.written() == before;
  }

  private long open(GatewayRun gateway) {
    return metrics(gateway).sum("scopegate_tenant_requests_in_flight", "tenant=\"payments\"");
  }

  private Metrics metrics(GatewayRun gateway) {
    return Metrics.of(Http.one(cluster.ca()).get(gateway.admin("/metrics")).text());
  }

  private GatewayRun limited(String tenants) {
    return GatewayRun.of(cluster, GatewayRun.Upstreams.one(upstream.port()))
        .add("limits: {tenants: {" + tenants + "}}")
        .start("fair");
  }

  /** Connections that end together. */
  private static final class Held implements Closeable {
    private final List<KeptAlive> all = new ArrayList<>();

    KeptAlive connect(int port) throws IOException {
      KeptAlive client = KeptAlive.connect(port);
      all.add(client);
      return client;
    }

    @Override
    public void close() throws IOException {
      for (KeptAlive client : all) {
        client.close();
      }
    }
  }
}
