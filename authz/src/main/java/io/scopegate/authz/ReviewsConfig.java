package io.scopegate.authz;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * Limits for reviews by the API server, token and access reviews together.
 *
 * @param perSecond how many reviews a second in the long run
 * @param burst how many at once after a pause
 * @param concurrent how many in flight
 * @param queue how many wait for their turn; what comes then is not decided
 * @param perUser how many access reviews of one user are in progress; eight times as many wait for
 *     their turn
 * @param foreignPerSecond how many tokens a second are asked about that are opaque or of other
 *     issuers than the cluster's, unless they were accepted before
 * @param timeout how long one may take, waiting included
 */
public record ReviewsConfig(
    @Key(doc = "Reviews per second on average.", def = "200", min = 1, max = 1_000_000)
        int perSecond,
    @Key(doc = "Burst of reviews after a pause.", def = "400", min = 1, max = 1_000_000) int burst,
    @Key(doc = "Concurrent reviews.", def = "64", min = 1, max = 100_000) int concurrent,
    @Key(
            doc =
                "Reviews waiting for their turn; further requests are refused and can be retried.",
            def = "2000",
            min = 0,
            max = 1_000_000)
        int queue,
    @Key(
            doc =
                "Access reviews of one user in progress. Eight times as many wait for their turn;"
                    + " further requests of that user are refused and can be retried.",
            def = "32",
            min = 1,
            max = 1_000_000)
        int perUser,
    @Key(
            doc =
                "Reviews per second of tokens that are opaque or from issuers other than the"
                    + " cluster, unless they were accepted before; further requests are refused and"
                    + " can be retried.",
            def = "20",
            min = 1,
            max = 1_000_000)
        int foreignPerSecond,
    @Key(doc = "How long one review may take, including waiting.", def = "5s", min = 1)
        Duration timeout) {}
