package io.scopegate.gateway.limit;

/**
 * A budget that fills up at a rate. Amounts are in whatever is counted: bytes, requests, spans. For
 * any thread; no method waits.
 */
interface Bucket {
  /** Charges an amount if all of it is there. */
  boolean tryCharge(long amount);

  /** Charges what was already used, even if the budget becomes negative. */
  void charge(long amount);

  /** Gives back what was charged but not used. */
  void refund(long amount);

  /** What is available; negative for a debt. */
  long available();

  /**
   * The time until an amount is there.
   *
   * @return in nanoseconds; {@link Long#MAX_VALUE} for never
   */
  long nanosUntil(long amount);

  /** Whether nothing of it is used. */
  boolean isFull();

  /** Changes the rate; what is used remains used, in proportion to the burst. */
  void reconfigure(Rate rate);

  /** Its rate. */
  Rate rate();
}
