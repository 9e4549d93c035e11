package io.scopegate.gateway.limit;

import io.scopegate.config.DataSize;
import io.scopegate.config.Key;
import org.jspecify.annotations.Nullable;

/**
 * What all clients of one listener together may use at most; null for unlimited. It protects the
 * gateway itself, so it holds before anybody is asked who a client is.
 *
 * @param requestsPerSecond requests of any kind
 * @param bytesPerSecond body bytes as they come over the wire
 * @param concurrentRequests requests at a time
 */
public record ListenerLimits(
    @Key(
            doc = "Requests per second of all clients together; null: unlimited.",
            min = 0,
            reload = Key.Reload.AT_ONCE)
        @Nullable Double requestsPerSecond,
    @Key(
            doc = "Body bytes per second from all clients together, as received; null: unlimited.",
            reload = Key.Reload.AT_ONCE)
        @Nullable DataSize bytesPerSecond,
    @Key(
            doc = "Concurrent requests of all clients together; null: unlimited.",
            min = 0,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer concurrentRequests) {}
