package io.scopegate.gateway.exchange;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The process-wide budget of requests under way, and of body bytes that were read at one end and
 * not yet written at the other. Windows promise memory per stream; this bounds what all the
 * promises together may cost. Over the limit no more credit is given and new requests are refused;
 * at one and a half times the limit the exchanges that bring more are ended. Within it a {@link
 * Share} keeps each tenant to its part.
 */
public final class Budget {
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong parked = new AtomicLong();
  private final AtomicInteger requests = new AtomicInteger();
  private final long limitBytes;
  private final int limitRequests;

  /**
   * A budget.
   *
   * @param limitBytes where credit stops
   * @param limitRequests how many requests may be under way
   */
  public Budget(long limitBytes, int limitRequests) {
    if (limitBytes <= 0) {
      throw new IllegalArgumentException("limitBytes: " + limitBytes + " (expected: > 0)");
    }
    this.limitBytes = limitBytes;
    this.limitRequests = limitRequests;
  }

  void begin() {
    requests.incrementAndGet();
  }

  void end() {
    requests.decrementAndGet();
  }

  /** Whether more requests are under way than may be. */
  public boolean crowded() {
    return requests.get() > limitRequests;
  }

  /** Requests that may still begin; negative when too many have. */
  int freeRequests() {
    return limitRequests - requests.get();
  }

  /** Bytes that may still be held; negative when there are too many. */
  long freeBytes() {
    return limitBytes - held.get();
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
