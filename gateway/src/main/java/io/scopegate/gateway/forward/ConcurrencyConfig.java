package io.scopegate.gateway.forward;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * How many requests each server of an upstream gets at a time, by how fast it answers.
 *
 * @param initial how many at first
 * @param min how few it gets at least
 * @param max how many it gets at most
 * @param tolerance how many times as long answers may take as without load, in percent
 * @param maxWait how long a request waits for its turn; zero for as long as its own deadline
 */
public record ConcurrencyConfig(
    @Key(
            doc = "Requests that a server gets at a time at first; shared by the event loops.",
            def = "40",
            min = 1,
            max = 1_000_000,
            reload = Key.Reload.AT_ONCE)
        int initial,
    @Key(
            doc = "The fewest requests at a time.",
            def = "4",
            min = 1,
            max = 1_000_000,
            reload = Key.Reload.AT_ONCE)
        int min,
    @Key(
            doc = "The most requests at a time.",
            def = "1000",
            min = 1,
            max = 1_000_000,
            reload = Key.Reload.AT_ONCE)
        int max,
    @Key(
            doc =
                "How long answers may take to begin, in percent of what they take when the server"
                    + " has little to do, before it gets fewer requests.",
            def = "150",
            min = 110,
            max = 1000,
            reload = Key.Reload.AT_ONCE)
        int tolerance,
    @Key(
            doc =
                "How long a request waits for its turn before it is refused and can be retried; 0s:"
                    + " until its own deadline.",
            def = "2s",
            min = 0,
            reload = Key.Reload.AT_ONCE)
        Duration maxWait) {}
