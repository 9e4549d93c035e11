package io.scopegate.gateway.forward;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.scopegate.gateway.http.Slot;
import io.scopegate.gateway.telemetry.UpstreamEndpointMeters;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a server has under way for one event loop, within a limit that adapts. A tenant may have
 * four times as much as is free, which is four fifths when it is alone: the rest is there for who
 * comes next, however long its requests take.
 */
final class ConcurrencyBound {
  private static final int TIMES_FREE = 4;

  private final ConcurrencyLimit limit;
  private final long maxWaitNanos;
  private final LongSupplier clock;
  private final Runnable room;
  private final @Nullable UpstreamEndpointMeters meters;

  /** How many requests each owner has under way. */
  private final Map<Object, Integer> held = new IdentityHashMap<>();

  /**
   * A bound.
   *
   * @param loops how many event loops share the server
   * @param clock exact, in nanoseconds
   * @param room called when a request has ended
   */
  ConcurrencyBound(
      ConcurrencyConfig config,
      int loops,
      LongSupplier clock,
      Runnable room,
      @Nullable UpstreamEndpointMeters meters) {
    long now = clock.getAsLong();
    limit =
        new ConcurrencyLimit(
            config, loops, now, MILLISECONDS.toNanos(System.currentTimeMillis()) - now);
    maxWaitNanos = config.maxWait().toNanos();
    this.clock = clock;
    this.room = room;
    this.meters = meters;
    showLimit();
  }

  /** Whether there may be one more request of this owner. */
  boolean admits(Object owner) {
    int free = free();
    return free > 0 && held.getOrDefault(owner, 0) < TIMES_FREE * free;
  }

  /** How many more requests there may be now; zero or less for none. */
  int free() {
    return limit.free(clock.getAsLong());
  }

  /** How long a request may wait; zero for any time. */
  long maxWaitNanos() {
    return maxWaitNanos;
  }

  /** Takes a place. */
  Slot take(Object owner) {
    limit.sent();
    held.merge(owner, 1, Integer::sum);
    if (meters != null) {
      meters.inFlight(1);
    }
    return new Taken(owner, clock.getAsLong());
  }

  /** So many more wait, or fewer. */
  void waits(int more) {
    if (meters != null) {
      meters.queued(more);
    }
  }

  /** A request was refused that waited, or would have. */
  void dropped() {
    if (meters != null) {
      meters.dropped();
    }
  }

  private void showLimit() {
    if (meters != null) {
      meters.limit(limit.now());
    }
  }

  /** A request's place. */
  private final class Taken implements Slot {
    private final Object owner;
    private final long sinceNanos;
    private boolean isAnswered;

    Taken(Object owner, long sinceNanos) {
      this.owner = owner;
      this.sinceNanos = sinceNanos;
    }

    @Override
    public void answered(boolean isBad) {
      isAnswered = true;
      long now = clock.getAsLong();
      limit.answered(now - sinceNanos, isBad, now);
      showLimit();
    }

    @Override
    public void ended() {
      limit.ended(isAnswered);
      held.computeIfPresent(owner, (o, n) -> n == 1 ? null : n - 1);
      if (meters != null) {
        meters.inFlight(-1);
      }
      room.run();
    }
  }
}
