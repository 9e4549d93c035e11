package io.scopegate.gateway.forward;

import io.scopegate.config.Key;
import java.time.Duration;

/**
 * How long an upstream may take; zero for any time.
 *
 * @param connect to take a connection, TLS included
 * @param firstByte from the request's end to the response's head
 * @param idle the longest pause of a response while the client is reading
 * @param exchange the whole exchange
 */
public record TimeoutsConfig(
    @Key(
            doc = "To establish a connection, including TLS; 0s: no limit.",
            def = "5s",
            reload = Key.Reload.AT_ONCE)
        Duration connect,
    @Key(
            doc = "From the end of the request to the head of the response; 0s: no limit.",
            def = "2m",
            reload = Key.Reload.AT_ONCE)
        Duration firstByte,
    @Key(
            doc = "Longest pause in a response while its client is reading; 0s: no limit.",
            def = "5m",
            reload = Key.Reload.AT_ONCE)
        Duration idle,
    @Key(
            doc = "Whole request and response, from the first byte to the last; 0s: no limit.",
            def = "1h",
            reload = Key.Reload.AT_ONCE)
        Duration exchange) {}
