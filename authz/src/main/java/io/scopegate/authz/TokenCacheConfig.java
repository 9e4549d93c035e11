package io.scopegate.authz;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * How long answers about tokens are kept.
 *
 * @param ttl how long an accepted token needs no new review, within its own {@code exp}
 * @param rejectedTtl how long a rejected token stays rejected without a new review
 * @param staleIfError for how long after {@code ttl} an answer serves while nobody can be asked
 * @param maxEntries how many answers are kept
 */
public record TokenCacheConfig(
    @Key(doc = "How long an accepted token needs no new review, within its `exp`.", def = "2m")
        Duration ttl,
    @Key(doc = "How long a rejected token needs no new review.", def = "10s") Duration rejectedTtl,
    @Key(
            doc =
                "How long after `ttl` an answer still serves while the API server cannot be asked;"
                    + " 0s for not at all.",
            def = "5m")
        Duration staleIfError,
    @Key(doc = "How many answers are kept.", def = "20000", min = 1, max = 100_000_000)
        int maxEntries) {}
