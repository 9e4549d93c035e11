package io.scopegate.authz;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * Caching of decisions.
 *
 * @param allowedTtl how long a granted right is not reviewed again
 * @param deniedTtl how long a denied right is not reviewed again
 * @param staleIfError how long after {@code allowedTtl} a yes serves while the API server cannot be
 *     asked
 * @param maxEntries how many decisions are kept
 */
public record DecisionCacheConfig(
    @Key(doc = "How long a granted right is not reviewed again.", def = "5m") Duration allowedTtl,
    @Key(doc = "How long a denied right is not reviewed again.", def = "30s") Duration deniedTtl,
    @Key(
            doc =
                "How long after `allowedTtl` a granted right is still used while the API server"
                    + " cannot be asked; 0s: not at all.",
            def = "5m")
        Duration staleIfError,
    @Key(doc = "Maximum number of cached decisions.", def = "50000", min = 1, max = 100_000_000)
        int maxEntries) {}
