package io.scopegate.gateway.telemetry;

import org.jspecify.annotations.Nullable;

/**
 * How one server of an upstream is doing.
 *
 * @param endpoint where it is
 * @param usable the part of the event loops that send requests there, 0 to 1
 * @param requests how many were sent, counted while there are several servers
 * @param failures how many of them failed
 * @param leftOut how often an event loop has left it out
 * @param passesCheck what its active check says; null when there is none, or no result yet
 * @param bound how many requests it gets at a time; null for any number
 */
public record UpstreamEndpointState(
    String endpoint,
    double usable,
    long requests,
    long failures,
    long leftOut,
    @Nullable Boolean passesCheck,
    @Nullable Bound bound) {

  /**
   * How many requests it gets at a time.
   *
   * @param limit the most now
   * @param inFlight those under way
   * @param queued those that wait for their turn
   * @param dropped those that were refused since too many waited, or for too long
   */
  public record Bound(int limit, int inFlight, int queued, long dropped) {}
}
