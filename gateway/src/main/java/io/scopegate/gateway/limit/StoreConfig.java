package io.scopegate.gateway.limit;

import io.scopegate.config.Key;
import io.scopegate.config.Secret;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the use of limits is counted.
 *
 * @param type in this process, or in Redis
 * @param url where Redis is; may hold a password; with Sentinel, where the Sentinels are
 * @param sentinel how to ask Sentinels for the master; null: the URL is of Redis itself
 * @param cluster whether the URL is of a Redis Cluster
 * @param caFile whom to trust with TLS
 * @param prefix of the names of keys
 * @param onError what happens while Redis does not answer
 */
public record StoreConfig(
    @Key(doc = "`local` (each replica has its own budget) or `redis` (one for all).", def = "local")
        Type type,
    @Key(
            doc =
                "URL of Redis: `redis://`, or `rediss://` for TLS; may hold a user, a password and"
                    + " the number of a database. For Sentinel and Cluster it may name several"
                    + " servers: `redis://:password@a:26379,b:26379`.")
        @Nullable Secret url,
    @Key(doc = "With Redis Sentinel: `url` names the Sentinels, which are asked for the master.")
        @Nullable SentinelConfig sentinel,
    @Key(
            doc = "Whether `url` names nodes of a Redis Cluster. All keys are in one slot.",
            def = "false")
        boolean cluster,
    @Key(doc = "CA certificates (PEM) to trust with `rediss://`; null: the JVM's.")
        @Nullable Path caFile,
    @Key(doc = "Prefix of all keys in Redis.", def = "scopegate") String prefix,
    @Key(
            doc =
                "What happens while Redis does not answer: `local` gives each replica a fair share"
                    + " of each limit.",
            def = "local")
        OnError onError) {

  /** In this process. */
  public static StoreConfig local() {
    return new StoreConfig(Type.LOCAL, null, null, false, null, "scopegate", OnError.LOCAL);
  }

  /**
   * How to ask Sentinels.
   *
   * @param master the name of the monitored master
   * @param user of the Sentinels themselves; null for the default user
   * @param password of the Sentinels themselves; null when they need none
   */
  public record SentinelConfig(
      @Key(doc = "Name of the master, as in `sentinel monitor NAME`.") String master,
      @Key(doc = "User of the Sentinels themselves; null: the default user.") @Nullable String user,
      @Key(doc = "Password of the Sentinels themselves; null: they need none.")
          @Nullable Secret password) {}

  /** Where the use of limits is counted. */
  public enum Type {
    /** In this process. */
    LOCAL,
    /** In Redis, for all replicas together. */
    REDIS
  }

  /** What happens while Redis does not answer. */
  public enum OnError {
    /** A fair share per replica. */
    LOCAL
  }
}
