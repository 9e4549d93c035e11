package io.scopegate.authz;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * How long decisions are kept.
 *
 * @param allowedTtl how long a yes needs no new review
 * @param deniedTtl how long a no needs no new review
 * @param staleIfError for how long after {@code allowedTtl} a yes serves while nobody can be asked
 * @param maxEntries how many decisions are kept
 */
public record DecisionCacheConfig(
    @Key(doc = "How long a yes needs no new review.", def = "5m") Duration allowedTtl,
    @Key(doc = "How long a no needs no new review.", def = "30s") Duration deniedTtl,
    @Key(
            doc =
                "How long after `allowedTtl` a yes still serves while the API server cannot be"
                    + " asked; 0s for not at all.",
            def = "5m")
        Duration staleIfError,
    @Key(doc = "How many decisions are kept.", def = "50000", min = 1, max = 100_000_000)
        int maxEntries) {}
