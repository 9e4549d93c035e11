package io.scopegate.e2e;

import org.junit.jupiter.api.Test;

/**
 * A limit that is shared through Redis Sentinel or Redis Cluster outlives their masters, and a
 * tenant below its limits notices nothing: no read of it fails, and no span is lost. {@code
 * SCOPEGATE_E2E_REPEAT} says how often, as in {@link FaultsIT}.
 */
class RedisFailoverIT {
  @Test
  void whenSentinelsChooseAnotherMasterNoRequestFailsAndTheLimitHoldsAgain() throws Exception {
    try (RedisSentinels redis = new RedisSentinels();
        SharedLimitWatch watch = new SharedLimitWatch("sentinel", redis.store())) {
      for (int i = 0; i < FaultWatch.repeats(); i++) {
        watch.outage("Redis Sentinel: the master is killed", redis::killMaster, redis::failedOver);
        watch.change("Redis Sentinel: the old master is back", redis::restartKilled);
      }
      watch.logWithout(Redis.password(), RedisSentinels.password());
    }
  }

  @Test
  void whenASlotOfAClusterMovesOrItsMasterDiesNoRequestFailsAndTheLimitHoldsAgain()
      throws Exception {
    try (RedisCluster redis = new RedisCluster();
        SharedLimitWatch watch = new SharedLimitWatch("cluster", redis.store())) {
      for (int i = 0; i < FaultWatch.repeats(); i++) {
        watch.change("Redis Cluster: a slot moves", redis::moveSlot);
        watch.outage("Redis Cluster: the master of a slot is killed", redis::killOwner, () -> {});
        redis.restartKilled();
      }
      watch.logWithout(Redis.password());
    }
  }
}
