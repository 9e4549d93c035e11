package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.LoopContext;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the endpoints of a set again and again, as long as there is anything to be seen:
 * silence, and the end of the time for which one is left out. On one event loop.
 */
final class EndpointInspection {
  private static final long EVERY_MILLIS = 200;

  /** A look that comes so late tells of this event loop, and not of the servers. */
  private static final long LATE_NANOS = 150_000_000;

  private final EndpointSet set;
  private final LoopContext worker;
  private boolean isDue;
  private boolean isRetired;
  private long dueNanos;

  EndpointInspection(EndpointSet set, LoopContext worker) {
    this.set = set;
    this.worker = worker;
  }

  /** There is something to be seen. */
  void goOn() {
    if (!isDue && !isRetired) {
      isDue = true;
      dueNanos = set.nowNanos() + TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS);
      worker.eventLoop.schedule(this::look, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    isDue = false;
    if (!set.hasSeveral() || isRetired) {
      return;
    }
    long now = set.nowNanos();
    long late = now - dueNanos;
    List<UpstreamEndpoint> all = List.copyOf(set.known().all());
    if (late > LATE_NANOS) {
      all.forEach(one -> one.health().paused(late)); // what they answered is not read yet
    }
    all.forEach(one -> one.look(now));
    set.changed(); // a pause between two attempts to connect ends without an event
    if (all.stream().anyMatch(one -> one.load() > 0 || !one.isUsable())) {
      goOn();
    }
  }

  /** Looks no more. */
  void retire() {
    isRetired = true;
  }
}
