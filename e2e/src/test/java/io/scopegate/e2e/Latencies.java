package io.scopegate.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How long things took; for any thread. */
public final class Latencies {
  private final List<Long> nanos = new ArrayList<>();

  public synchronized void add(long elapsedNanos) {
    nanos.add(elapsedNanos);
  }

  public synchronized int count() {
    return nanos.size();
  }

  /**
   * The smallest that at least 99 % of all do not exceed: of fifty, the largest.
   *
   * @throws AssertionError when nothing was measured
   */
  public synchronized Duration p99() {
    if (nanos.isEmpty()) {
      throw new AssertionError("p99: nothing has ended in this time (expected: something has)");
    }
    List<Long> sorted = new ArrayList<>(nanos);
    Collections.sort(sorted);
    return Duration.ofNanos(sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1));
  }

  @Override
  public synchronized String toString() {
    return nanos.isEmpty() ? "never" : nanos.size() + " times, p99 " + p99();
  }
}
