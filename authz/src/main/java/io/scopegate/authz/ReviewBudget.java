package io.scopegate.authz;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says when a review may be sent: a bucket of permits, a number in flight, and a short queue for
 * each {@link Lane}.
 *
 * <p>Whoever holds no accepted token must not be able to hold up those who do. So a quarter of the
 * bucket and of the places in flight is for {@link Lane#KNOWN} alone, each lane has half the queue,
 * and while both wait they take turns.
 *
 * <p>Decides only; the owner calls {@link #turn()} after each change and when the time comes that
 * it returned. Thread-safe; tasks run outside the lock.
 */
final class ReviewBudget {
  private static final long MAX_PAUSE_MILLIS = 30_000;

  private final double permitsPerMilli;
  private final double burst;
  private final int concurrent;
  private final int places;
  private final InstantSource clock;

  private final Queue known = new Queue();
  private final Queue unknown = new Queue();
  private Lane last = Lane.UNKNOWN;
  private double permits;
  private long refilledMillis;
  private long pausedUntilMillis;

  ReviewBudget(ReviewsConfig config, InstantSource clock) {
    this.permitsPerMilli = config.perSecond() / 1000.0;
    this.burst = config.burst();
    this.concurrent = config.concurrent();
    this.places = config.queue();
    this.clock = clock;
    this.permits = burst;
    this.refilledMillis = clock.millis();
  }

  /**
   * Puts a task into its lane; {@link #turn()} then starts it, perhaps at once.
   *
   * @param deadlineMillis when nobody waits for the answer any more
   * @return false when it would have to wait and cannot: the queue is full, or the API server wants
   *     to be left alone for longer than the task may wait
   */
  synchronized boolean offer(Lane lane, Runnable task, long deadlineMillis) {
    refill();
    if (pausedUntilMillis >= deadlineMillis) {
      return false;
    }
    boolean startsAtOnce = waiting(lane).isEmpty() && mayStart(lane);
    if (!startsAtOnce && waiting(lane).size() >= places / Lane.values().length) {
      return false;
    }
    return waiting(lane).add(task);
  }

  /** Takes back a task; false when it has been started. */
  synchronized boolean withdraw(Lane lane, Runnable task) {
    return waiting(lane).remove(task);
  }

  /** A task that was started has ended. */
  synchronized void release(Lane lane) {
    queue(lane).running--;
  }

  /** Starts nothing before this time, or for 30 s at most: the API server asked for it. */
  synchronized void pauseUntil(long millis) {
    pausedUntilMillis = Math.max(pausedUntilMillis, millis);
  }

  /** How many wait, both lanes together. */
  synchronized int waiting() {
    return known.waiting.size() + unknown.waiting.size();
  }

  /**
   * Starts what may start.
   *
   * @return in how many milliseconds to call again; -1 when only a new task or the end of a running
   *     one changes anything
   */
  long turn() {
    List<Runnable> due = new ArrayList<>();
    long wait;
    synchronized (this) {
      refill();
      for (Lane lane = next(); lane != null; lane = next()) {
        due.add(take(lane));
      }
      wait = waitMillis();
    }
    due.forEach(Runnable::run);
    return wait;
  }

  private Queue queue(Lane lane) {
    return lane == Lane.KNOWN ? known : unknown;
  }

  private Set<Runnable> waiting(Lane lane) {
    return queue(lane).waiting;
  }

  private @Nullable Lane next() {
    Lane turn = last == Lane.KNOWN ? Lane.UNKNOWN : Lane.KNOWN;
    if (!waiting(turn).isEmpty() && mayStart(turn)) {
      return turn;
    }
    return !waiting(last).isEmpty() && mayStart(last) ? last : null;
  }

  private boolean mayStart(Lane lane) {
    return clock.millis() >= pausedUntilMillis && hasPlace(lane) && permits >= needed(lane);
  }

  private boolean hasPlace(Lane lane) {
    if (known.running + unknown.running >= concurrent) {
      return false;
    }
    return lane == Lane.KNOWN || unknown.running < concurrent - concurrent / 4;
  }

  /** The reserve is for a lane that is not there yet: when the other waits too, turns decide. */
  private double needed(Lane lane) {
    return lane == Lane.KNOWN || !known.waiting.isEmpty() ? 1 : 1 + Math.floor(burst / 4);
  }

  private Runnable take(Lane lane) {
    Runnable task = waiting(lane).iterator().next();
    waiting(lane).remove(task);
    queue(lane).running++;
    permits--;
    last = lane;
    return task;
  }

  private void refill() {
    long now = clock.millis();
    // A clock that was set back must not take permits away.
    long elapsed = Math.max(0, now - refilledMillis);
    permits = Math.min(burst, permits + elapsed * permitsPerMilli);
    refilledMillis = now;
    pausedUntilMillis = Math.min(pausedUntilMillis, now + MAX_PAUSE_MILLIS);
  }

  private long waitMillis() {
    double missing = Double.MAX_VALUE;
    for (Lane lane : Lane.values()) {
      if (!waiting(lane).isEmpty() && hasPlace(lane)) {
        missing = Math.min(missing, needed(lane) - permits);
      }
    }
    if (missing == Double.MAX_VALUE) {
      return -1;
    }
    long forPermits = (long) Math.ceil(Math.max(0, missing) / permitsPerMilli);
    return Math.max(1, Math.max(forPermits, pausedUntilMillis - clock.millis()));
  }

  /** Of one lane: what waits, in order, and how many run. */
  private static final class Queue {
    private final Set<Runnable> waiting = new LinkedHashSet<>();
    private int running;
  }
}
