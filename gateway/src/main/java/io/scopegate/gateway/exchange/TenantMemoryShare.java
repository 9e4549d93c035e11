package io.scopegate.gateway.exchange;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A tenant's part of the {@link Budget}. It may have as much as is still free, no more: alone that
 * is half of all, with another that wants as much a third, and whatever n of them do, one part of n
 * + 1 remains for who comes next. For any thread.
 */
public final class TenantMemoryShare {
  private final Budget budget;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger requests = new AtomicInteger();

  /** Nothing of this budget yet. */
  public TenantMemoryShare(Budget budget) {
    this.budget = budget;
  }

  /** One more request; on false there is nothing to end. */
  public boolean begin() {
    if (requests.incrementAndGet() <= budget.freeRequests() && !isGreedy()) {
      return true;
    }
    requests.decrementAndGet();
    return false;
  }

  /** A request that has begun has ended. */
  public void end() {
    requests.decrementAndGet();
  }

  /** Requests under way. */
  public int requests() {
    return requests.get();
  }

  /** Body bytes held. */
  public long bytes() {
    return bytes.get();
  }

  /** Takes memory that no body byte takes, or gives it back when n is negative. */
  public void reserve(int n) {
    if (n != 0) {
      budget.hold(n);
      hold(n);
    }
  }

  void hold(int n) {
    bytes.addAndGet(n);
  }

  void release(int n) {
    bytes.addAndGet(-n);
  }

  /** Whether it holds more bytes than are free. */
  boolean isGreedy() {
    return bytes.get() > budget.freeBytes();
  }
}
