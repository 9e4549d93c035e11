package io.scopegate.gateway.codec;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The process-wide budget of body bytes that were read at one end and not yet written at the other.
 * Windows promise memory per stream; this bounds what all the promises together may cost. Over the
 * limit no more credit is given and new requests are refused; at one and a half times the limit the
 * exchanges that bring more are ended.
 */
public final class Budget {
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong parked = new AtomicLong();
  private final long limitBytes;

  /**
   * A budget.
   *
   * @param limitBytes where credit stops
   */
  public Budget(long limitBytes) {
    if (limitBytes <= 0) {
      throw new IllegalArgumentException("limitBytes: " + limitBytes + " (expected: > 0)");
    }
    this.limitBytes = limitBytes;
  }

  void hold(int n) {
    held.addAndGet(n);
  }

  void release(int n) {
    held.addAndGet(-n);
  }

  /**
   * Notes bytes that wait for a decision or a connection. They may be a quarter of the budget: who
   * has not shown yet that it may send must not keep the others from it.
   *
   * @return whether there was room
   */
  boolean park(int n) {
    return parked.addAndGet(n) <= limitBytes / 4;
  }

  void unpark(int n) {
    parked.addAndGet(-n);
  }

  /** Whether no more credit may be given and no new request taken. */
  public boolean spent() {
    return held.get() > limitBytes;
  }

  /** Whether even what was promised is too much. */
  boolean exhausted() {
    return held.get() > limitBytes + limitBytes / 2;
  }

  /** Body bytes in flight. */
  public long heldBytes() {
    return held.get();
  }
}
