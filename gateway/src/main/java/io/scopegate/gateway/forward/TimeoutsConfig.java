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
    @Key(doc = "To accept a connection, TLS included; 0s: no limit.", def = "5s") Duration connect,
    @Key(doc = "From the end of the request to the head of the response; 0s: no limit.", def = "2m")
        Duration firstByte,
    @Key(doc = "Longest pause of a response while its client is reading; 0s: no limit.", def = "5m")
        Duration idle,
    @Key(doc = "Whole exchange, from first to last byte; 0s: no limit.", def = "1h")
        Duration exchange) {}
