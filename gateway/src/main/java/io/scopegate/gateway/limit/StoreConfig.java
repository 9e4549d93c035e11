package io.scopegate.gateway.limit;

import io.scopegate.config.Key;
import io.scopegate.config.NotBuilt;
import io.scopegate.config.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Where budgets are kept.
 *
 * @param type in this process, or in Redis
 * @param url where Redis is; may hold a password
 * @param onError what serves while Redis does not
 */
public record StoreConfig(
    @Key(doc = "`local` (each replica has its own budget) or `redis` (one for all).", def = "local")
        Type type,
    @Key(doc = "URL of Redis; may hold a password.", notBuilt = "a shared store")
        @Nullable Secret url,
    @Key(doc = "What serves while Redis does not.", def = "local") OnError onError) {

  /** Where budgets are kept. */
  public enum Type {
    /** In this process. */
    LOCAL,
    /** In Redis, for all replicas together. */
    @NotBuilt
    REDIS
  }

  /** What serves while Redis does not. */
  public enum OnError {
    /** A fair share per replica. */
    LOCAL
  }
}
