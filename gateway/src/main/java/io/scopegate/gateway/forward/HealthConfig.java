package io.scopegate.gateway.forward;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * When a server of an upstream with several is left out, and for how long.
 *
 * @param failures failed requests in a row
 * @param silence how long it may answer none of several requests; zero for any time
 * @param leaveOut how long it is left out first
 * @param maxLeaveOut the longest that this gets
 * @param minUsable the share of servers in percent below which all are used again
 * @param slowStart how long a new one gets less than its share; zero for no time
 */
public record HealthConfig(
    @Key(
            doc =
                "Failed requests in a row after which a server is left out: lost connections,"
                    + " resets, 502, 503, 504 and UNAVAILABLE, unless the answer says when to try"
                    + " again. 0: never.",
            def = "5",
            min = 0,
            max = 1_000_000,
            reload = Key.Reload.AT_ONCE)
        int failures,
    @Key(
            doc =
                "How long a server may leave three or more requests without any answer before it is"
                    + " left out; with fewer it is asked `GET /` after half of it, and left out if"
                    + " nothing comes in the other half. 0s: any time.",
            def = "1s",
            min = 0,
            reload = Key.Reload.AT_ONCE)
        Duration silence,
    @Key(
            doc =
                "How long a server is left out the first time; twice as long each time after, while"
                    + " enough others are in use.",
            def = "1s",
            min = 10,
            reload = Key.Reload.AT_ONCE)
        Duration leaveOut,
    @Key(
            doc = "The longest time that a server is left out.",
            def = "20s",
            min = 10,
            reload = Key.Reload.AT_ONCE)
        Duration maxLeaveOut,
    @Key(
            doc =
                "If fewer than this percentage of the servers are in use, all that take connections"
                    + " are used.",
            def = "50",
            min = 0,
            max = 100,
            reload = Key.Reload.AT_ONCE)
        int minUsable,
    @Key(
            doc = "How long a new server gets fewer requests than the others; 0s: no time.",
            def = "10s",
            min = 0,
            reload = Key.Reload.AT_ONCE)
        Duration slowStart) {}
