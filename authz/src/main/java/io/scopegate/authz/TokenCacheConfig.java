package io.scopegate.authz;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * Caching of answers about tokens.
 *
 * @param ttl how long an accepted token is not reviewed again, within its own {@code exp}
 * @param rejectedTtl how long a rejected token stays rejected without a new review
 * @param staleIfError how long after {@code ttl} an answer serves while the API server cannot be
 *     asked
 * @param maxEntries how many answers are kept
 */
public record TokenCacheConfig(
    @Key(
            doc = "How long an accepted token is not reviewed again; never beyond its `exp`.",
            def = "2m")
        Duration ttl,
    @Key(doc = "How long a rejected token is not reviewed again.", def = "10s")
        Duration rejectedTtl,
    @Key(
            doc =
                "How long after `ttl` an answer is still used while the API server cannot be asked;"
                    + " 0s: not at all.",
            def = "5m")
        Duration staleIfError,
    @Key(doc = "Maximum number of cached answers.", def = "20000", min = 1, max = 100_000_000)
        int maxEntries) {}
