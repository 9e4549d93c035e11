package io.scopegate.gateway.http;

/**
 * How long one connection to an upstream stays open.
 *
 * @param idleNanos how long it may be unused; 0 for ever
 * @param maxAgeNanos how old it gets before another one takes its place; 0 for any age
 */
public record UpstreamLife(long idleNanos, long maxAgeNanos) {
  boolean isIdle(long unusedNanos) {
    return idleNanos > 0 && unusedNanos > idleNanos;
  }

  boolean isAged(long ageNanos) {
    return maxAgeNanos > 0 && ageNanos > maxAgeNanos;
  }
}
