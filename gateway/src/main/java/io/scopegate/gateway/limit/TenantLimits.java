package io.scopegate.gateway.limit;

import io.scopegate.config.DataSize;
import io.scopegate.config.Key;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one tenant may use at most; null for unlimited.
 *
 * @param ingestBytesPerSecond bytes that are stored, decoded
 * @param ingestBurst bytes stored at once after a pause
 * @param ingestRequestsPerSecond requests that store
 * @param spansPerSecond spans that are stored
 * @param maxRequestBytes size of one request that stores, decoded
 * @param queriesPerSecond requests that read, streamed ones included
 * @param concurrentQueries reads at a time that are not streamed
 * @param concurrentStreams streamed reads at a time
 * @param maxQueryRange from start to end of one query
 * @param maxResults traces, tags or values that one query may ask for
 * @param maxSpansPerSpanSet spans for each trace that one search may ask for
 * @param maxExemplars exemplars that one query for metrics may ask for
 */
public record TenantLimits(
    @Key(doc = "Decoded bytes stored per second.", reload = Key.Reload.AT_ONCE)
        @Nullable DataSize ingestBytesPerSecond,
    @Key(
            doc =
                "Decoded bytes stored at once after a pause; default: the larger of one second of"
                    + " `ingestBytesPerSecond` and `maxRequestBytes`.",
            reload = Key.Reload.AT_ONCE)
        @Nullable DataSize ingestBurst,
    @Key(doc = "Requests per second that store.", min = 0, reload = Key.Reload.AT_ONCE)
        @Nullable Double ingestRequestsPerSecond,
    @Key(doc = "Spans stored per second.", min = 0, reload = Key.Reload.AT_ONCE)
        @Nullable Double spansPerSecond,
    @Key(doc = "Decoded size of one request that stores.", reload = Key.Reload.AT_ONCE)
        @Nullable DataSize maxRequestBytes,
    @Key(
            doc = "Requests per second that read, streamed ones included.",
            min = 0,
            reload = Key.Reload.AT_ONCE)
        @Nullable Double queriesPerSecond,
    @Key(doc = "Concurrent reads that are not streamed.", min = 0, reload = Key.Reload.AT_ONCE)
        @Nullable Integer concurrentQueries,
    @Key(doc = "Concurrent streamed reads, by gRPC and MCP.", min = 0, reload = Key.Reload.AT_ONCE)
        @Nullable Integer concurrentStreams,
    @Key(doc = "Longest time from start to end of one query.", reload = Key.Reload.AT_ONCE)
        @Nullable Duration maxQueryRange,
    @Key(
            doc = "Largest number of traces, tags or values that one query may ask for (`limit`).",
            min = 1,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer maxResults,
    @Key(
            doc = "Largest number of spans for each trace that one search may ask for (`spss`).",
            min = 1,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer maxSpansPerSpanSet,
    @Key(
            doc = "Largest number of exemplars that one query for metrics may ask for.",
            min = 0,
            reload = Key.Reload.AT_ONCE)
        @Nullable Integer maxExemplars) {

  /** No limits at all. */
  public static final TenantLimits NONE =
      new TenantLimits(null, null, null, null, null, null, null, null, null, null, null, null);

  /** These limits, with those of another where there is none here. */
  public TenantLimits over(TenantLimits below) {
    return new TenantLimits(
        first(ingestBytesPerSecond, below.ingestBytesPerSecond),
        first(ingestBurst, below.ingestBurst),
        first(ingestRequestsPerSecond, below.ingestRequestsPerSecond),
        first(spansPerSecond, below.spansPerSecond),
        first(maxRequestBytes, below.maxRequestBytes),
        first(queriesPerSecond, below.queriesPerSecond),
        first(concurrentQueries, below.concurrentQueries),
        first(concurrentStreams, below.concurrentStreams),
        first(maxQueryRange, below.maxQueryRange),
        first(maxResults, below.maxResults),
        first(maxSpansPerSpanSet, below.maxSpansPerSpanSet),
        first(maxExemplars, below.maxExemplars));
  }

  /** These limits, with other ones of the bytes that are stored. */
  public TenantLimits withIngestBytes(@Nullable DataSize perSecond, @Nullable DataSize burst) {
    return new TenantLimits(
        perSecond,
        burst,
        ingestRequestsPerSecond,
        spansPerSecond,
        maxRequestBytes,
        queriesPerSecond,
        concurrentQueries,
        concurrentStreams,
        maxQueryRange,
        maxResults,
        maxSpansPerSpanSet,
        maxExemplars);
  }

  private static <T> @Nullable T first(@Nullable T one, @Nullable T other) {
    return one == null ? other : one;
  }

  /** Bytes stored at once after a pause, when bytes a second are limited. */
  long burstBytes() {
    if (ingestBurst != null) {
      return ingestBurst.bytes();
    }
    long second = ingestBytesPerSecond == null ? 0 : ingestBytesPerSecond.bytes();
    return Math.max(second, maxRequestBytes == null ? 0 : maxRequestBytes.bytes());
  }

  /** The largest request that can ever be stored; {@link Long#MAX_VALUE} for any. */
  long largestRequestBytes() {
    long largest = maxRequestBytes == null ? Long.MAX_VALUE : maxRequestBytes.bytes();
    return ingestBytesPerSecond == null ? largest : Math.min(largest, burstBytes());
  }

  /** The key that {@link #largestRequestBytes()} comes from. */
  String largestRequestKey() {
    if (maxRequestBytes != null && maxRequestBytes.bytes() == largestRequestBytes()) {
      return "maxRequestBytes";
    }
    return ingestBurst == null ? "ingestBytesPerSecond" : "ingestBurst";
  }
}
