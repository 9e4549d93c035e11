package io.scopegate.e2e.hostile;

import io.scopegate.e2e.Latencies;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What honest clients lived through in a while; for any thread. */
final class Watch {
  private static final int KEPT = 20;

  private final Latencies reads = new Latencies();
  private final Latencies direct = new Latencies();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failed = new AtomicInteger();

  void read(long sinceNanos) {
    reads.add(System.nanoTime() - sinceNanos);
  }

  void readDirectly(long sinceNanos) {
    direct.add(System.nanoTime() - sinceNanos);
  }

  void failed(String what) {
    failed.incrementAndGet();
    if (failures.size() < KEPT) {
      failures.add(what);
    }
  }

  /** How long the readers' requests took. */
  Latencies reads() {
    return reads;
  }

  /** How long a search took meanwhile that went past the gateway: what the machine is like. */
  Latencies direct() {
    return direct;
  }

  /** How often something went wrong. */
  int failed() {
    return failed.get();
  }

  /** What went wrong, or the first of it. */
  List<String> failures() {
    return List.copyOf(failures);
  }
}
