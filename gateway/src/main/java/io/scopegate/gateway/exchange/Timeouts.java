package io.scopegate.gateway.exchange;

/**
 * How long an upstream may take, in nanoseconds; 0 means without end.
 *
 * @param firstByteNanos from the end of the request to the head of the response
 * @param idleNanos the longest pause of a response, from either side
 * @param exchangeNanos from the request's head to the response's end
 */
public record Timeouts(long firstByteNanos, long idleNanos, long exchangeNanos) {
  /** No timeouts. */
  public static final Timeouts NONE = new Timeouts(0, 0, 0);
}
