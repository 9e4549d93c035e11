package io.scopegate.gateway;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Says that no review has succeeded yet: the first time, and then at distances that double from two
 * seconds to a minute. The reason is logged by the client of the API server.
 */
final class NotReadyLog {
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long LONGEST_NANOS = 60 * SECOND_NANOS;

  private final LongSupplier nanoTime;
  private final Consumer<String> warn;
  private final long startNanos;
  private long nextNanos;
  private long distanceNanos = 2 * SECOND_NANOS;
  private int failures;

  NotReadyLog(LongSupplier nanoTime, Consumer<String> warn) {
    this.nanoTime = nanoTime;
    this.warn = warn;
    this.startNanos = nanoTime.getAsLong();
    this.nextNanos = startNanos;
  }

  /** A review has failed. One call at a time. */
  void failed(String problem) {
    failures++;
    long now = nanoTime.getAsLong();
    if (now - nextNanos < 0) {
      return;
    }
    String since =
        failures == 1
            ? ""
            : " (" + failures + " attempts in " + (now - startNanos) / SECOND_NANOS + " s)";
    warn.accept(
        "authentication.kubernetes: not ready, because no review has succeeded yet"
            + since
            + ": "
            + problem);
    nextNanos = now + distanceNanos;
    distanceNanos = Math.min(2 * distanceNanos, LONGEST_NANOS);
  }
}
