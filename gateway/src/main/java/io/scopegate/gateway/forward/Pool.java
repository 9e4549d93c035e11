package io.scopegate.gateway.forward;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one event loop to one upstream by one protocol, and the requests that wait for
 * one: of each tenant in order, the tenants in turn. After a failed connection it waits before the
 * next attempt, up to two seconds, so that a dead upstream costs little.
 */
abstract class Pool {
  private static final long FIRST_BACKOFF_NANOS = 100_000_000L;
  private static final long MAX_BACKOFF_NANOS = 2_000_000_000L;
  private static final long RETRY_MILLIS = 1_000;

  /** Exchanges of no tenant. */
  private static final Object NOBODY = new Object();

  final Connector connector;
  private final int maxPending;
  private final Map<Object, ArrayDeque<PendingEnd>> queues = new LinkedHashMap<>();
  private int waiting;
  private long backoffNanos;
  private long notBeforeNanos;

  Pool(Connector connector, int maxPending) {
    this.connector = connector;
    this.maxPending = maxPending;
  }

  /**
   * A free end; null when none is free.
   *
   * @param owner who has it until it is free again
   */
  abstract @Nullable StreamEnd pick(Object owner);

  /** Whether there may be a further exchange of this owner. */
  abstract boolean mayTake(Object owner);

  /** Opens one more connection, when there may be one more. */
  abstract void grow();

  /** Closes free connections, and others as they become free. */
  abstract void retire();

  /** Whether any connection is open. */
  abstract boolean connected();

  /** An upstream's end: a real one, or one that waits to become one. */
  final StreamEnd open(@Nullable TenantMemoryShare tenant) {
    Object owner = tenant == null ? NOBODY : tenant;
    StreamEnd free = mayTake(owner) && !queues.containsKey(owner) ? pick(owner) : null;
    return free != null ? free : waiting(owner);
  }

  private StreamEnd waiting(Object owner) {
    PendingEnd w = new PendingEnd(connector.worker());
    if (!connected() && backingOff()) {
      giveUpSoon(w, unreachable(connector.name()));
    } else if (full(owner)) {
      giveUpSoon(w, overloaded(connector.name()));
    } else {
      queues.computeIfAbsent(owner, o -> new ArrayDeque<>()).add(w);
      waiting++;
      if (mayTake(owner)) {
        grow();
      }
    }
    return w;
  }

  /** After the caller has linked it. */
  private void giveUpSoon(PendingEnd w, Refusal why) {
    connector.worker().eventLoop.execute(() -> w.giveUp(why));
  }

  /** Whether no further request of this owner may wait: it may hold as many places as are free. */
  private boolean full(Object owner) {
    if (crowded(owner)) {
      queues.values().forEach(queue -> queue.removeIf(PendingEnd::cancelled));
      queues.values().removeIf(ArrayDeque::isEmpty);
      waiting = queues.values().stream().mapToInt(ArrayDeque::size).sum();
    }
    return crowded(owner);
  }

  private boolean crowded(Object owner) {
    ArrayDeque<PendingEnd> own = queues.get(owner);
    return (own == null ? 0 : own.size()) >= maxPending - waiting;
  }

  /** Whether a connection failed a moment ago. */
  final boolean backingOff() {
    return backoffNanos > 0 && connector.nanoTime() - notBeforeNanos < 0;
  }

  /** Gives free connections to the requests that wait. */
  final void serve() {
    for (Object owner; (owner = next()) != null; ) {
      StreamEnd free = pick(owner);
      if (free == null) {
        grow();
        return;
      }
      take(owner).handOver(free);
    }
  }

  /** The next owner that waits and may continue; null when there is none. */
  private @Nullable Object next() {
    Iterator<Map.Entry<Object, ArrayDeque<PendingEnd>>> all = queues.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Object, ArrayDeque<PendingEnd>> one = all.next();
      ArrayDeque<PendingEnd> queue = one.getValue();
      for (PendingEnd w; (w = queue.peek()) != null && w.cancelled(); waiting--) {
        queue.poll();
      }
      if (queue.isEmpty()) {
        all.remove();
      } else if (mayTake(one.getKey())) {
        return one.getKey();
      }
    }
    return null;
  }

  /** Takes the first waiting request of an owner, and moves the owner to the end. */
  private PendingEnd take(Object owner) {
    ArrayDeque<PendingEnd> queue = Objects.requireNonNull(queues.remove(owner), "queue");
    PendingEnd first = queue.remove();
    waiting--;
    if (!queue.isEmpty()) {
      queues.put(owner, queue);
    }
    return first;
  }

  final int waitingCount() {
    return waiting;
  }

  final void connectionSucceeded() {
    backoffNanos = 0;
  }

  /** A connection failed; if there is no other, all waiting requests are refused. */
  final void connectionFailed() {
    backoffNanos =
        backoffNanos == 0 ? FIRST_BACKOFF_NANOS : Math.min(2 * backoffNanos, MAX_BACKOFF_NANOS);
    notBeforeNanos = connector.nanoTime() + backoffNanos;
    if (connected()) {
      connector.worker().eventLoop.schedule(this::serve, backoffNanos, TimeUnit.NANOSECONDS);
      return; // they may still get one of those, or a new one then
    }
    while (!queues.isEmpty()) {
      take(queues.keySet().iterator().next()).giveUp(unreachable(connector.name()));
    }
  }

  private static Refusal unreachable(String upstream) {
    return Refusal.retryable(
        Refusal.Reason.UNAVAILABLE,
        "forward: upstream " + upstream + " is unreachable; retry",
        RETRY_MILLIS);
  }

  private static Refusal overloaded(String upstream) {
    return Refusal.retryable(
        Refusal.Reason.UNAVAILABLE,
        "forward: too many requests are waiting for upstream " + upstream + "; try again",
        RETRY_MILLIS);
  }
}
