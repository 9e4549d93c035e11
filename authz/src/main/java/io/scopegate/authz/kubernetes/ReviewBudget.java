package io.scopegate.authz.kubernetes;

import io.scopegate.authz.ReviewsConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says when a review may be sent: a bucket of permits, a number in flight, and a short queue for
 * each {@link ReviewPriority}.
 *
 * <p>Callers without an accepted token must not delay those with one. So a quarter of the bucket
 * and of the places in flight is for {@link ReviewPriority#KNOWN} alone, each lane has half the
 * queue, and while both wait they take turns.
 *
 * <p>While the {@link Circuit} is open, only known questions are probes, the newest first: it has
 * the most time left. Anybody can think up unknown ones that nobody can answer, so in their place
 * the owner offers a question of its own when {@link #wantsProbe()} says so.
 *
 * <p>Decides only; the owner calls {@link #turn()} after each change and when the time comes that
 * it returned. Thread-safe; tasks run outside the lock.
 */
final class ReviewBudget {
  private static final long MAX_PAUSE_MILLIS = 30_000;

  /** Of a task's time so much is for waiting at most; the rest is for the answer. */
  private static final double WAITING_SHARE = 0.75;

  private final double permitsPerMilli;
  private final double burst;
  private final int places;
  private final InstantSource clock;
  private final Circuit circuit;

  private final Queue known = new Queue();
  private final Queue unknown = new Queue();
  private ReviewPriority last = ReviewPriority.UNKNOWN;
  private double permits;
  private long refilledMillis;
  private long pausedUntilMillis;

  ReviewBudget(ReviewsConfig config, InstantSource clock) {
    this.permitsPerMilli = config.perSecond() / 1000.0;
    this.burst = config.burst();
    this.places = config.queue();
    this.clock = clock;
    this.circuit = new Circuit(config.concurrent());
    this.permits = burst;
    this.refilledMillis = clock.millis();
  }

  /**
   * Puts a task into its lane; {@link #turn()} then starts it, perhaps at once.
   *
   * @param deadlineMillis when nobody waits for the answer any more
   * @return false when it would have to wait and cannot: the queue is full or so long that no time
   *     would be left for the answer, or the API server wants to be left alone for longer than the
   *     task may wait
   */
  synchronized boolean offer(ReviewPriority lane, Runnable task, long deadlineMillis) {
    refill();
    if (pausedUntilMillis >= deadlineMillis) {
      return false;
    }
    boolean startsAtOnce = waiting(lane).isEmpty() && mayStart(lane);
    if (!startsAtOnce && waiting(lane).size() >= placesToWait(lane, deadlineMillis)) {
      return false;
    }
    return waiting(lane).add(task);
  }

  /** What starts too late for an answer is a review for nothing: better to come back later. */
  private double placesToWait(ReviewPriority lane, long deadlineMillis) {
    boolean alone =
        waiting(lane == ReviewPriority.KNOWN ? ReviewPriority.UNKNOWN : ReviewPriority.KNOWN)
            .isEmpty();
    double perMilli = alone ? permitsPerMilli : permitsPerMilli / ReviewPriority.values().length;
    double inTime = permits + (deadlineMillis - clock.millis()) * WAITING_SHARE * perMilli;
    return Math.min(places / ReviewPriority.values().length, Math.max(1, inTime));
  }

  /** Takes back a task; false when it has been started. */
  synchronized boolean withdraw(ReviewPriority lane, Runnable task) {
    return waiting(lane).remove(task);
  }

  /** A task that was started has ended. */
  synchronized void release(ReviewPriority lane) {
    queue(lane).running--;
  }

  /** The API server answered; whether that closed the circuit. */
  synchronized boolean answered() {
    return circuit.answered();
  }

  /** The API server said 429; whether that closed the circuit. */
  synchronized boolean throttled() {
    return circuit.throttled();
  }

  /** As {@link Circuit#failed}; whether that opened the circuit. */
  synchronized boolean failed(boolean timeout) {
    return circuit.failed(timeout, clock.millis());
  }

  /** Whether the circuit is open. */
  synchronized boolean isOpen() {
    return circuit.isOpen();
  }

  /** Whether a probe is due and nothing waits that could be one, but something that needs it. */
  synchronized boolean wantsProbe() {
    refill();
    return circuit.isOpen()
        && known.waiting.isEmpty()
        && !unknown.waiting.isEmpty()
        && mayStart(ReviewPriority.KNOWN);
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
      for (ReviewPriority lane = next(); lane != null; lane = next()) {
        due.add(take(lane));
      }
      wait = waitMillis();
    }
    due.forEach(Runnable::run);
    return wait;
  }

  private Queue queue(ReviewPriority lane) {
    return lane == ReviewPriority.KNOWN ? known : unknown;
  }

  private Set<Runnable> waiting(ReviewPriority lane) {
    return queue(lane).waiting;
  }

  private @Nullable ReviewPriority next() {
    ReviewPriority turn =
        last == ReviewPriority.KNOWN ? ReviewPriority.UNKNOWN : ReviewPriority.KNOWN;
    if (!waiting(turn).isEmpty() && mayStart(turn)) {
      return turn;
    }
    return !waiting(last).isEmpty() && mayStart(last) ? last : null;
  }

  private boolean mayStart(ReviewPriority lane) {
    long now = clock.millis();
    return now >= pausedUntilMillis
        && circuit.waitMillis(now) == 0
        && hasPlace(lane)
        && permits >= needed(lane);
  }

  private boolean hasPlace(ReviewPriority lane) {
    int window = circuit.window();
    if (known.running + unknown.running >= window) {
      return false;
    }
    return lane == ReviewPriority.KNOWN
        || !circuit.isOpen() && unknown.running < window - window / 4;
  }

  /** The reserve is for a lane that is not there yet: when the other waits too, turns decide. */
  private double needed(ReviewPriority lane) {
    return lane == ReviewPriority.KNOWN || !known.waiting.isEmpty() ? 1 : 1 + Math.floor(burst / 4);
  }

  private Runnable take(ReviewPriority lane) {
    Runnable task = circuit.isOpen() ? newest(lane) : waiting(lane).iterator().next();
    waiting(lane).remove(task);
    circuit.sent(clock.millis());
    queue(lane).running++;
    permits--;
    last = lane;
    return task;
  }

  private Runnable newest(ReviewPriority lane) {
    Iterator<Runnable> tasks = waiting(lane).iterator();
    Runnable task = tasks.next();
    while (tasks.hasNext()) {
      task = tasks.next();
    }
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
    long now = clock.millis();
    long forServer = Math.max(pausedUntilMillis - now, circuit.waitMillis(now));
    if (circuit.isOpen()) {
      boolean probes = waiting() > 0 && hasPlace(ReviewPriority.KNOWN);
      return probes ? Math.max(1, Math.max(forServer, forPermit(1))) : -1;
    }
    double needed = Double.MAX_VALUE;
    for (ReviewPriority lane : ReviewPriority.values()) {
      if (!waiting(lane).isEmpty() && hasPlace(lane)) {
        needed = Math.min(needed, needed(lane));
      }
    }
    if (needed == Double.MAX_VALUE) {
      return -1;
    }
    return Math.max(1, Math.max(forServer, forPermit(needed)));
  }

  private long forPermit(double needed) {
    return (long) Math.ceil(Math.max(0, needed - permits) / permitsPerMilli);
  }

  /** Of one lane: what waits, in order, and how many run. */
  private static final class Queue {
    private final Set<Runnable> waiting = new LinkedHashSet<>();
    private int running;
  }
}
