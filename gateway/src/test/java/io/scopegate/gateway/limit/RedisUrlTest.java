package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider.ImmediateRedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.scopegate.config.Secret;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where Redis is. */
class RedisUrlTest {
  private static final StoreConfig.SentinelConfig SENTINEL =
      new StoreConfig.SentinelConfig("limits", "watcher", Secret.parse("w"));

  private static boolean accepts(
      String url, StoreConfig.@Nullable SentinelConfig sentinel, boolean cluster) {
    return LimitStore.accepts(
        new StoreConfig(
            StoreConfig.Type.REDIS,
            Secret.parse(url),
            sentinel,
            cluster,
            null,
            "scopegate",
            StoreConfig.OnError.LOCAL));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://h",
        "redis://h:7000/",
        "rediss://:password@h/3",
        "redis://user:p@h/1234",
        "redis://user:a%40b@h/1234",
        "redis://[::1]:6379"
      })
  void takesTheUrlOfOneServer(String url) {
    assertThat(accepts(url, null, false)).isTrue();
    assertThat(accepts(url, SENTINEL, false)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "h:6379",
        "://",
        "redis://",
        "redis://,",
        "redis://h,",
        "http://h",
        "redis:h",
        "redis:///0",
        "redis://h/12345",
        "redis://h/zero",
        "redis://h:70000",
        "redis://h/0?timeout=1s",
        "redis://h/0#f",
        "redis://h:password with blanks",
        "redis-sentinel://h/0",
        "redis://a,redis://b",
        "redis://u:p@a,u:p@b"
      })
  void takesNoOther(String url) {
    assertThat(accepts(url, null, false)).isFalse();
    assertThat(accepts(url, SENTINEL, false)).isFalse();
    assertThat(accepts(url, null, true)).isFalse();
  }

  @Test
  void takesSeveralServersOnlyOfSentinelsAndClusters() {
    String several = "rediss://:p@a:7000,b,[::1]:7002";

    assertThat(accepts(several, null, false)).isFalse();
    assertThat(accepts(several, SENTINEL, false)).isTrue();
    assertThat(accepts(several, null, true)).isTrue();
    assertThat(accepts("redis://" + "h,".repeat(32) + "h", null, true)).isFalse();
  }

  @Test
  void aClusterHasNoDatabases() {
    assertThat(accepts("redis://a,b/1", null, true)).isFalse();
    assertThat(accepts("redis://a,b/0", null, true)).isTrue();
    assertThat(accepts("redis://a,b/1", SENTINEL, false)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"redis://:hunter 2@h", "hunter2", "redis://:hunter2@h,:hunter2@"})
  void saysNothingOfAUrlThatItDoesNotTake(String url) {
    assertThatThrownBy(() -> RedisUrl.single(Secret.parse(url)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasNoCause()
        .hasMessageNotContaining("hunter");
  }

  @Test
  void readsTheUrlOfOneServer() {
    RedisURI uri = RedisUrl.single(Secret.parse("rediss://user:secret@redis.example:7000/3"));

    assertThat(uri.getHost()).isEqualTo("redis.example");
    assertThat(uri.getPort()).isEqualTo(7000);
    assertThat(uri.getDatabase()).isEqualTo(3);
    assertThat(uri.isSsl()).isTrue();
    assertThat(uri.isVerifyPeer()).isTrue();
    assertThat(uri.getTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(uri.getClientName()).isEqualTo("scopegate");
  }

  @Test
  void thePasswordOfTheUrlIsTheMastersAndNotTheSentinels() {
    RedisURI master = RedisUrl.master(Secret.parse("rediss://user:secret@a:7000,b/3"), SENTINEL);

    assertThat(master.getSentinelMasterId()).isEqualTo("limits");
    assertThat(master.getDatabase()).isEqualTo(3);
    assertThat(master.getSentinels())
        .extracting(RedisURI::getHost, RedisURI::getPort, RedisURI::isSsl, RedisURI::getDatabase)
        .containsExactly(tuple("a", 7000, true, 0), tuple("b", 26_379, true, 0));
    assertThat(master.getSentinels()).extracting(RedisUrlTest::user).containsOnly("watcher:w");
  }

  @Test
  void sentinelsWithoutAPasswordGetNone() {
    RedisURI master =
        RedisUrl.master(
            Secret.parse("redis://:secret@a"),
            new StoreConfig.SentinelConfig("limits", null, null));

    assertThat(master.getSentinels())
        .extracting(RedisUrlTest::user)
        .isEqualTo(List.of("null:null"));
  }

  @Test
  void allKeysOfAClusterAreInOneSlot() {
    StoreConfig one = StoreConfig.local();
    StoreConfig cluster =
        new StoreConfig(
            StoreConfig.Type.REDIS,
            Secret.parse("redis://h"),
            null,
            true,
            null,
            "scopegate",
            StoreConfig.OnError.LOCAL);

    assertThat(RedisBudgetStore.prefix(one)).isEqualTo("scopegate");
    assertThat(RedisBudgetStore.prefix(cluster)).isEqualTo("{scopegate}");
  }

  private static String user(RedisURI uri) {
    assertThat(uri.getCredentialsProvider()).isInstanceOf(ImmediateRedisCredentialsProvider.class);
    RedisCredentials it =
        ((ImmediateRedisCredentialsProvider) uri.getCredentialsProvider()).resolveCredentialsNow();
    char[] password = it == null ? null : it.getPassword();
    return (it == null ? null : it.getUsername())
        + ":"
        + (password == null ? null : new String(password));
  }
}
