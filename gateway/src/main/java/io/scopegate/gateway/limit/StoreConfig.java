package io.scopegate.gateway.limit;

import io.scopegate.config.Key;
import io.scopegate.config.Secret;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the use of limits is counted.
 *
 * @param type in this process, or in Redis
 * @param url where Redis is; may hold a password
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
                    + " the number of a database.")
        @Nullable Secret url,
    @Key(doc = "CA certificates (PEM) to trust with `rediss://`; null: the JVM's.")
        @Nullable Path caFile,
    @Key(doc = "Prefix of all keys in Redis.", def = "scopegate") String prefix,
    @Key(
            doc =
                "What happens while Redis does not answer: `local` gives each replica a fair share"
                    + " of each limit.",
            def = "local")
        OnError onError) {

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
