package io.scopegate.gateway.forward;

import io.scopegate.config.Key;

/**
 * How often requests are sent again.
 *
 * @param max how often one is
 * @param budget how many are, in percent of all
 */
public record RetriesConfig(
    @Key(
            doc =
                "How often one request is sent again: when the server has not looked at it, and"
                    + " reads also when another server is there. 0: never.",
            def = "2",
            min = 0,
            max = 10,
            reload = Key.Reload.AT_ONCE)
        int max,
    @Key(
            doc =
                "Requests that are sent again, as a percentage of all requests to the upstream. A"
                    + " tenant that took many lately leaves some to the others.",
            def = "20",
            min = 0,
            max = 100,
            reload = Key.Reload.AT_ONCE)
        int budget) {}
