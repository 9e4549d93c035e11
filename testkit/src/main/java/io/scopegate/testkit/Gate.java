package io.scopegate.testkit;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Lets a test decide when the next step of a stand-in happens, so that nothing has to sleep. A gate
 * is open (everything passes at once), closed (each passing needs a permit), or paced by a timer.
 * Safe for use from any thread.
 */
public final class Gate {
  private final Deque<Promise<Void>> waiting = new ArrayDeque<>();
  private boolean open;
  private long permits;

  private Gate(boolean open) {
    this.open = open;
  }

  /** A gate through which everything passes at once. */
  public static Gate opened() {
    return new Gate(true);
  }

  /** A gate through which nothing passes until it is told so. */
  public static Gate closed() {
    return new Gate(false);
  }

  /**
   * Waits for its turn.
   *
   * @return completes once this caller may go on, at once when the gate is open; never fails
   */
  public synchronized Future<Void> pass() {
    if (open) {
      return Future.succeededFuture();
    }
    if (permits > 0) {
      permits--;
      return Future.succeededFuture();
    }
    Promise<Void> turn = Promise.promise();
    waiting.add(turn);
    return turn.future();
  }

  /**
   * Lets a number of callers pass, those that wait first.
   *
   * @param count how many, at least 1
   */
  public void release(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("count: " + count + " (expected: >= 1)");
    }
    List<Promise<Void>> turns = new ArrayList<>();
    synchronized (this) {
      permits += count;
      while (permits > 0 && !waiting.isEmpty()) {
        permits--;
        turns.add(waiting.remove());
      }
    }
    turns.forEach(Promise::tryComplete);
  }

  /** Lets everybody pass from now on. */
  public void open() {
    List<Promise<Void>> turns;
    synchronized (this) {
      open = true;
      turns = List.copyOf(waiting);
      waiting.clear();
    }
    turns.forEach(Promise::tryComplete);
  }

  /** Stops everybody who comes from now on; permits that were not used are forgotten. */
  public synchronized void close() {
    open = false;
    permits = 0;
  }

  /** How many wait at this moment. */
  public synchronized int waiting() {
    return waiting.size();
  }

  /**
   * Opens the gate for one caller at every tick.
   *
   * @param vertx whose timer ticks
   * @param interval the time between two ticks, at least one millisecond
   * @return the timer's id, to be given to {@link Vertx#cancelTimer}
   */
  public long releaseEvery(Vertx vertx, Duration interval) {
    close();
    return vertx.setPeriodic(interval.toMillis(), tick -> release(1));
  }
}
