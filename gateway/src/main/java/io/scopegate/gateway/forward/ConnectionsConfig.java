package io.scopegate.gateway.forward;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * How many connections each server of an upstream gets.
 *
 * @param max HTTP/1.1 connections at a time
 * @param idleTimeout how long an unused one stays open; zero for ever
 * @param pending requests that wait for a connection
 * @param http2 HTTP/2 connections at a time
 * @param maxAge how old one gets before another one takes its place; zero for any age
 */
public record ConnectionsConfig(
    @Key(
            doc =
                "Concurrent HTTP/1.1 connections. One tenant may hold as many as are free: alone,"
                    + " half of them.",
            def = "256",
            min = 1,
            max = 1_000_000,
            reload = Key.Reload.AT_ONCE)
        int max,
    @Key(
            doc = "How long an unused connection stays open; 0s: forever.",
            def = "90s",
            reload = Key.Reload.AT_ONCE)
        Duration idleTimeout,
    @Key(
            doc = "Requests waiting for a connection; further ones are refused and can be retried.",
            def = "10000",
            min = 0,
            max = 100_000_000,
            reload = Key.Reload.AT_ONCE)
        int pending,
    @Key(
            doc =
                "Concurrent HTTP/2 connections. A tenant that cancels many calls gets one of its"
                    + " own besides; at most as many again.",
            def = "4",
            min = 1,
            max = 10_000,
            reload = Key.Reload.AT_ONCE)
        int http2,
    @Key(
            doc =
                "Age at which a connection is replaced by a new one, at random up to a fifth"
                    + " earlier; what is in progress ends on the old one. 0s: unlimited.",
            def = "10m",
            min = 0,
            reload = Key.Reload.AT_ONCE)
        Duration maxAge) {}
