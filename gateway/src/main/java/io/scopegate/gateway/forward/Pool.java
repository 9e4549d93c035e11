package io.scopegate.gateway.forward;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.codec.Side;
import io.scopegate.gateway.codec.Waiting;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one event loop to one upstream by one protocol, and the requests that wait for
 * one. After a failed connection nothing is tried for a while, which doubles up to two seconds, so
 * that a dead upstream costs little.
 */
abstract class Pool {
  private static final long FIRST_BACKOFF_NANOS = 100_000_000L;
  private static final long MAX_BACKOFF_NANOS = 2_000_000_000L;
  private static final long RETRY_MILLIS = 1_000;

  final Connector connector;
  private final int maxPending;
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
  private long backoffNanos;
  private long notBeforeNanos;

  Pool(Connector connector, int maxPending) {
    this.connector = connector;
    this.maxPending = maxPending;
  }

  /** A free end; null when none is free. */
  abstract @Nullable Side pick();

  /** Opens one more connection, when there may be one more. */
  abstract void grow();

  /** Closes what is free, and what becomes so from now on. */
  abstract void retire();

  /** Whether any connection is open. */
  abstract boolean connected();

  /** An upstream's end: a real one, or one that waits to become one. */
  final Side open() {
    Side free = queue.isEmpty() ? pick() : null;
    return free != null ? free : waiting();
  }

  private Side waiting() {
    Waiting w = new Waiting(connector.worker());
    if (!connected() && backingOff()) {
      giveUpSoon(w, unreachable(connector.name()));
    } else if (full()) {
      giveUpSoon(w, overloaded(connector.name()));
    } else {
      queue.add(w);
      grow();
    }
    return w;
  }

  /** After the caller has linked it. */
  private void giveUpSoon(Waiting w, Refusal why) {
    connector.worker().loop.execute(() -> w.giveUp(why));
  }

  private boolean full() {
    if (queue.size() >= maxPending) {
      queue.removeIf(Waiting::cancelled);
    }
    return queue.size() >= maxPending;
  }

  /** Whether a connection failed a moment ago. */
  final boolean backingOff() {
    return backoffNanos > 0 && System.nanoTime() - notBeforeNanos < 0;
  }

  /** Gives what is free to those who wait. */
  final void serve() {
    for (Waiting w; (w = queue.peek()) != null; ) {
      if (w.cancelled()) {
        queue.poll();
        continue;
      }
      Side free = pick();
      if (free == null) {
        grow();
        return;
      }
      queue.poll();
      w.become(free);
    }
  }

  final int waitingCount() {
    return queue.size();
  }

  final void connectionSucceeded() {
    backoffNanos = 0;
  }

  /** Without any connection, nobody may wait for one longer. */
  final void connectionFailed() {
    backoffNanos =
        backoffNanos == 0 ? FIRST_BACKOFF_NANOS : Math.min(2 * backoffNanos, MAX_BACKOFF_NANOS);
    notBeforeNanos = System.nanoTime() + backoffNanos;
    if (connected()) {
      connector.worker().loop.schedule(this::serve, backoffNanos, TimeUnit.NANOSECONDS);
      return; // they may still get one of those, or a new one then
    }
    for (Waiting w; (w = queue.poll()) != null; ) {
      w.giveUp(unreachable(connector.name()));
    }
  }

  private static Refusal unreachable(String upstream) {
    return Refusal.retryable(
        Refusal.Reason.UNAVAILABLE,
        "forward: upstream " + upstream + " cannot be reached; try again",
        RETRY_MILLIS);
  }

  private static Refusal overloaded(String upstream) {
    return Refusal.retryable(
        Refusal.Reason.UNAVAILABLE,
        "forward: too many requests wait for upstream " + upstream + "; try again",
        RETRY_MILLIS);
  }
}
