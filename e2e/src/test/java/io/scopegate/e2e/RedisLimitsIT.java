package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two gateways with one Redis hold one limit, and go on without it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisLimitsIT {
  private static final Duration OUTAGE = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(30);

  @AutoClose private TempoStandIn tempo;
  @AutoClose private Redis redis;
  @AutoClose private TwoGateways gateways;

  @BeforeAll
  void start() {
    tempo = TempoStandIn.start();
    redis = Redis.start();
    gateways = new TwoGateways(tempo, "redis", "{type: redis, url: \"" + redis.url() + "\"}");
  }

  @Test
  void aKilledRedisFailsNoRequestAndTheLimitHoldsBeforeAndAfterwards() throws Exception {
    try (Paced flood = gateways.flood()) {
      gateways.holdTheLimit("together");

      redis.kill();
      gateways.staySafe("without Redis", OUTAGE);
      gateways.bothAre(0);

      redis.restart();
      gateways.holdTheLimit("together again");
    }
    gateways.logWithout(Redis.password());
    Until.holds(
        "all budgets are full and forgotten", SOON, () -> redis.tell("DBSIZE").equals(":1"));
  }

  @Test
  void aUserWithTheRightsOfTheGuideIsEnough() throws Exception {
    String store = "{type: redis, prefix: scopegate:acl, url: \"" + redis.urlOfUser() + "\"}";
    try (TwoGateways others = new TwoGateways(tempo, "redis-acl", store);
        Paced flood = others.flood()) {
      others.holdTheLimit("with an ACL");
    }
  }

  @Test
  void aFrozenRedisFailsNoRequestAndNothingIsCountedTwice() throws Exception {
    gateways.bothAre(1);
    try (Paced flood = gateways.flood()) {
      redis.process().freeze();
      try {
        gateways.staySafe("frozen", OUTAGE);
      } finally {
        redis.process().thaw();
      }
      gateways.holdTheLimit("thawed");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CONFIG SET maxmemory 1, CONFIG SET maxmemory 0",
    "REPLICAOF 127.0.0.1 1, REPLICAOF NO ONE"
  })
  void aRedisThatRefusesToWriteIsOneThatIsGone(String breaks, String mends) throws Exception {
    gateways.bothAre(1);
    try (Paced flood = gateways.flood()) {
      assertThat(redis.tell(breaks)).isEqualTo("+OK");
      try {
        gateways.bothAre(0);
      } finally {
        assertThat(redis.tell(mends)).isEqualTo("+OK");
      }
      gateways.bothAre(1);
    }
    gateways.logWithout(Redis.password());
  }
}
