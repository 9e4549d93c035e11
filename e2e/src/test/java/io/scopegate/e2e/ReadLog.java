package io.scopegate.e2e;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;

/** Every read of some readers: when it began, how long it took, what came of it; for any thread. */
final class ReadLog {
  static final String GOOD = "200";

  private final Queue<Read> all = new ConcurrentLinkedQueue<>();
  private final ConcurrentMap<Object, Long> underWay = new ConcurrentHashMap<>();

  /**
   * A read.
   *
   * @param beganNanos by {@link System#nanoTime()}
   * @param nanos how long it took
   * @param result its status, or what went wrong
   */
  record Read(long beganNanos, long nanos, String result) {
    boolean isGood() {
      return result.equals(GOOD);
    }
  }

  /** A read begins; what this returns ends it. */
  Ending begin() {
    Object one = new Object();
    long began = System.nanoTime();
    underWay.put(one, began);
    return result -> {
      all.add(new Read(began, System.nanoTime() - began, result));
      underWay.remove(one);
    };
  }

  /** Ends a read. */
  interface Ending {
    void with(String result);
  }

  /** How many have ended well that began since then. */
  long goodSince(long nanos) {
    return all.stream().filter(one -> one.isGood() && one.beganNanos() - nanos >= 0).count();
  }

  /** How many have ended so far. */
  long count() {
    return all.size();
  }

  /** Waits until those have ended that had begun by then. */
  void settle(long byNanos, Duration atMost) {
    Until.holds(
        "what was read has an answer",
        atMost,
        () -> underWay.values().stream().noneMatch(began -> began - byNanos <= 0));
  }

  /** Those that began in between, in no order. */
  Reads between(long fromNanos, long toNanos) {
    return new Reads(
        all.stream()
            .filter(one -> one.beganNanos() - fromNanos >= 0 && one.beganNanos() - toNanos < 0)
            .toList());
  }

  /**
   * Some of them.
   *
   * @param all none of them twice
   */
  record Reads(List<Read> all) {
    Reads from(long nanos) {
      return new Reads(all.stream().filter(one -> one.beganNanos() - nanos >= 0).toList());
    }

    /** Those that had begun by then, and ended more than so much later. */
    List<Read> underWay(long nanos, Duration more) {
      return all.stream()
          .filter(one -> one.beganNanos() - nanos < 0)
          .filter(one -> one.beganNanos() + one.nanos() - nanos > more.toNanos())
          .toList();
    }

    List<Read> failed() {
      return all.stream().filter(one -> !one.isGood()).toList();
    }

    Duration p99() {
      Latencies times = new Latencies();
      all.forEach(one -> times.add(one.nanos()));
      return times.p99();
    }

    /** How long after a moment the last of them ended that failed, or took longer than that. */
    Duration lastBad(long afterNanos, Duration limit) {
      return Duration.ofNanos(
          all.stream()
              .filter(one -> !one.isGood() || one.nanos() > limit.toNanos())
              .mapToLong(one -> one.beganNanos() + one.nanos() - afterNanos)
              .max()
              .orElse(0));
    }
  }
}
