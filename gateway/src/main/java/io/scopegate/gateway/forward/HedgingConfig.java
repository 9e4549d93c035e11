package io.scopegate.gateway.forward;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * When a slow read is sent to a second server as well.
 *
 * @param after the least time that the first server gets
 * @param percentile of the times to the first byte, in percent; 0 for {@code after} alone
 */
public record HedgingConfig(
    @Key(
            doc = "How long the first server may take to begin its answer, at least.",
            def = "500ms",
            min = 1,
            reload = Key.Reload.AT_ONCE)
        Duration after,
    @Key(
            doc =
                "It may take as long as this percentage of the latest reads took, if that is more"
                    + " than `after`. 0: `after` is all.",
            def = "95",
            min = 0,
            max = 99,
            reload = Key.Reload.AT_ONCE)
        int percentile) {}
