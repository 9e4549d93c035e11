package io.scopegate.gateway.limit;

import io.scopegate.config.Key;
import io.scopegate.config.Secret;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where budgets are kept.
 *
 * @param type in this process, or in Redis
 * @param url where Redis is; may hold a password
 * @param caFile whom to trust with TLS
 * @param prefix of the names of keys
 * @param onError what serves while Redis does not
 */
public record StoreConfig(
    @Key(doc = "`local` (each replica has its own budget) or `redis` (one for all).", def = "local")
        Type type,
    @Key(
            doc =
                "URL of Redis: `redis://`, or `rediss://` for TLS; may hold a user, a password and"
                    + " the number of a database.")
        @Nullable Secret url,
    @Key(doc = "PEM file of the CAs to trust with `rediss://`; the JVM's when absent.")
        @Nullable Path caFile,
    @Key(doc = "Begins the names of all keys in Redis.", def = "scopegate") String prefix,
    @Key(
            doc =
                "What serves while Redis does not: `local`, a fair share of each limit per replica.",
            def = "local")
        OnError onError) {

  /** Where budgets are kept. */
  public enum Type {
    /** In this process. */
    LOCAL,
    /** In Redis, for all replicas together. */
    REDIS
  }

  /** What serves while Redis does not. */
  public enum OnError {
    /** A fair share per replica. */
    LOCAL
  }
}
