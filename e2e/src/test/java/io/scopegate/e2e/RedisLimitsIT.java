package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two gateways with one Redis hold one limit, and go on without it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisLimitsIT {
  private static final int PER_SECOND = 200;
  private static final Duration OUTAGE = Duration.ofSeconds(30);
  private static final Duration MEASURED = Duration.ofSeconds(15);
  private static final Duration SETTLES = Duration.ofSeconds(3);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Percentage TENTH = Percentage.withPercentage(10);

  /** Of each gateway, so that together they want five times the limit. */
  private static final Duration EVERY = Duration.ofMillis(2);

  private Cluster cluster;
  @AutoClose private TempoStandIn tempo;
  @AutoClose private Redis redis;
  @AutoClose private GatewayRun one;
  @AutoClose private GatewayRun other;
  private byte[] search;
  private final AtomicLong passed = new AtomicLong();

  @BeforeAll
  void start() {
    cluster = Cluster.shared();
    tempo = TempoStandIn.start();
    redis = Redis.start();
    one = gateway("redis-one");
    other = gateway("redis-other");
    search = KeptAlive.search(cluster.token("showcase", "query"), "showcase");
  }

  private GatewayRun gateway(String name) {
    return GatewayRun.of(cluster, Tempo.portsOf(tempo))
        .add(
            "limits: {defaults: {queriesPerSecond: "
                + PER_SECOND
                + "}, store: {type: redis, url: \""
                + redis.url()
                + "\"}}")
        .start(name);
  }

  @Test
  void aKilledRedisFailsNoRequestAndTheLimitHoldsBeforeAndAfterwards() throws Exception {
    bothAre(1);
    try (Paced flood = flood()) {
      Until.passed(SETTLES);
      assertThat(rate(MEASURED)).as("together").isCloseTo(PER_SECOND, TENTH);

      redis.kill();
      assertThat(rate(OUTAGE)).as("without Redis").isBetween(PER_SECOND * 0.5, PER_SECOND * 2.0);
      bothAre(0);

      redis.restart();
      bothAre(1);
      Until.passed(SETTLES);
      assertThat(rate(MEASURED)).as("together again").isCloseTo(PER_SECOND, TENTH);
    }
    saysNothingOfThePassword();
    Until.holds(
        "all budgets are full and forgotten", SOON, () -> redis.tell("DBSIZE").equals(":1"));
  }

  @Test
  void aFrozenRedisFailsNoRequestAndNothingIsCountedTwice() throws Exception {
    bothAre(1);
    try (Paced flood = flood()) {
      Until.passed(SETTLES);
      redis.process().freeze();
      try {
        assertThat(rate(OUTAGE)).as("frozen").isBetween(PER_SECOND * 0.5, PER_SECOND * 2.0);
      } finally {
        redis.process().thaw();
      }
      bothAre(1);
      Until.passed(SETTLES);
      assertThat(rate(MEASURED)).as("thawed").isCloseTo(PER_SECOND, TENTH);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CONFIG SET maxmemory 1, CONFIG SET maxmemory 0",
    "REPLICAOF 127.0.0.1 1, REPLICAOF NO ONE"
  })
  void aRedisThatRefusesToWriteIsOneThatIsGone(String breaks, String mends) throws Exception {
    bothAre(1);
    try (Paced flood = flood()) {
      assertThat(redis.tell(breaks)).isEqualTo("+OK");
      try {
        bothAre(0);
      } finally {
        assertThat(redis.tell(mends)).isEqualTo("+OK");
      }
      bothAre(1);
    }
    saysNothingOfThePassword();
  }

  /** Whoever is over the limit is told so; any other answer fails the test. */
  private Paced flood() throws IOException {
    Paced flood = new Paced();
    for (GatewayRun gateway : List.of(one, other)) {
      KeptAlive client = KeptAlive.connect(gateway.ports().query());
      flood.each(
          EVERY,
          () -> {
            int status = client.status(search);
            assertThat(status).isIn(200, 429);
            if (status == 200) {
              passed.incrementAndGet();
            }
            return true;
          });
    }
    return flood;
  }

  /** Requests a second that pass. */
  private double rate(Duration measured) {
    long before = passed.get();
    long since = System.nanoTime();
    Until.passed(measured);
    return (passed.get() - before) * 1e9 / (System.nanoTime() - since);
  }

  private void bothAre(int up) {
    Http http = Http.one(cluster.ca());
    for (GatewayRun gateway : List.of(one, other)) {
      Until.holds(
          "the store is " + up,
          SOON,
          () -> {
            String page = http.get(gateway.admin("/metrics")).text();
            return page.contains("\nscopegate_limit_store_up " + up + ".0\n")
                && (up == 0 || page.contains("\nscopegate_limit_store_replicas 2.0\n"));
          });
    }
  }

  private void saysNothingOfThePassword() {
    for (GatewayRun gateway : List.of(one, other)) {
      assertThat(gateway.process().output())
          .contains("limits.store: ")
          .doesNotContain(Redis.password());
    }
  }
}
