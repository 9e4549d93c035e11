package io.scopegate.gateway.limit;

import io.scopegate.config.DataSize;
import io.scopegate.config.Key;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one tenant may use at most; null for unlimited.
 *
 * @param ingestBytesPerSecond bytes that are stored
 * @param ingestBurst bytes stored at once after a pause
 * @param ingestRequestsPerSecond requests that store
 * @param spansPerSecond spans that are stored
 * @param maxRequestBytes size of one request that stores
 * @param queriesPerSecond requests that read
 * @param concurrentQueries reads at a time
 * @param concurrentStreams streamed reads at a time
 * @param maxQueryRange from start to end of one query
 */
public record TenantLimits(
    @Key(doc = "Bytes stored a second.", notBuilt = "limiting")
        @Nullable DataSize ingestBytesPerSecond,
    @Key(
            doc =
                "Bytes stored at once after a pause; absent, the larger of one second of"
                    + " `ingestBytesPerSecond` and `maxRequestBytes`.",
            notBuilt = "limiting")
        @Nullable DataSize ingestBurst,
    @Key(doc = "Requests a second that store.", notBuilt = "limiting", min = 0)
        @Nullable Double ingestRequestsPerSecond,
    @Key(doc = "Spans stored a second.", notBuilt = "limiting", min = 0)
        @Nullable Double spansPerSecond,
    @Key(doc = "Size of one request that stores.", notBuilt = "limiting")
        @Nullable DataSize maxRequestBytes,
    @Key(doc = "Requests a second that read.", notBuilt = "limiting", min = 0)
        @Nullable Double queriesPerSecond,
    @Key(doc = "Reads at a time.", notBuilt = "limiting", min = 0)
        @Nullable Integer concurrentQueries,
    @Key(doc = "Streamed reads at a time.", notBuilt = "limiting", min = 0)
        @Nullable Integer concurrentStreams,
    @Key(doc = "From start to end of one query.", notBuilt = "limiting")
        @Nullable Duration maxQueryRange) {}
