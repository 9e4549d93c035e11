package io.scopegate.gateway.limit;

/**
 * A budget that fills up at a rate. Amounts are in whatever is counted: bytes, requests, spans. For
 * any thread; no method waits.
 */
interface Bucket {
  /** Charges an amount if all of it is there. */
  boolean tryCharge(long amount);

  /** Charges what was used already, whether it is there or not: a debt is filled up first. */
  void charge(long amount);

  /** Gives back what was charged for nothing. */
  void refund(long amount);

  /** What is there; negative for what is owed. */
  long available();

  /**
   * The time until an amount is there.
   *
   * @return in nanoseconds; {@link Long#MAX_VALUE} for never
   */
  long nanosUntil(long amount);

  /** Whether nothing of it is used. */
  boolean isFull();

  /** Goes on at another rate; what is used remains used, in proportion to the burst. */
  void reconfigure(Rate rate);

  /** Its rate. */
  Rate rate();
}
