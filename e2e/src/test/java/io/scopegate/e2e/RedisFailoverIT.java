package io.scopegate.e2e;

import io.scopegate.testkit.tempo.TempoStandIn;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A limit that is shared through Redis Sentinel or Redis Cluster outlives their masters. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisFailoverIT {
  private static final Duration FAILOVER = Duration.ofSeconds(10);

  @AutoClose private TempoStandIn tempo;

  @BeforeAll
  void start() {
    tempo = TempoStandIn.start();
  }

  @Test
  void whenSentinelsChooseAnotherMasterNoRequestFailsAndTheLimitHoldsAgain() throws Exception {
    try (RedisSentinels redis = new RedisSentinels();
        TwoGateways gateways = new TwoGateways(tempo, "sentinel", redis.store())) {
      try (Paced flood = gateways.flood()) {
        gateways.holdTheLimit("before");

        redis.killMaster();
        gateways.staySafe("during the failover", FAILOVER);
        redis.failedOver();
        gateways.holdTheLimit("by the new master");

        redis.restartFirst();
        gateways.holdTheLimit("while the old master is back as a replica");
      }
      gateways.logWithout(Redis.password(), RedisSentinels.password());
    }
  }

  @Test
  void whenASlotOfAClusterMovesOrItsMasterDiesNoRequestFailsAndTheLimitHoldsAgain()
      throws Exception {
    try (RedisCluster redis = new RedisCluster();
        TwoGateways gateways = new TwoGateways(tempo, "cluster", redis.store())) {
      try (Paced flood = gateways.flood()) {
        gateways.holdTheLimit("before");

        redis.moveSlot();
        gateways.holdTheLimit("by the slot's new master");

        redis.killOwner();
        gateways.staySafe("during the failover", FAILOVER);
        gateways.holdTheLimit("by the replica that became the master");
      }
      gateways.logWithout(Redis.password());
    }
  }
}
