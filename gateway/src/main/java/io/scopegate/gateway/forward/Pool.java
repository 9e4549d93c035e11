package io.scopegate.gateway.forward;

import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.http.Attempts;
import io.scopegate.gateway.http.SentRequest;
import io.scopegate.gateway.http.Slot;
import io.scopegate.gateway.http.UpstreamLife;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections of one event loop to one endpoint by one protocol, and the requests that wait for
 * one: of each tenant in order, the tenants in turn. After a failed connection it waits before the
 * next attempt, up to two seconds, so that a dead endpoint costs little. What waits here while no
 * connection is made is moved to another endpoint, where there is one. Where there is none it waits
 * for an attempt that is made for its sake, {@value #ATTEMPT_EVERY_NANOS} ns after the last one: no
 * request is refused only because a connection failed before it came.
 */
abstract class Pool implements Attempts {
  private static final long FIRST_BACKOFF_NANOS = 100_000_000L;
  private static final long MAX_BACKOFF_NANOS = 2_000_000_000L;
  private static final long RETRY_MILLIS = 1_000;

  /** How often it is looked for requests that have waited for too long. */
  private static final long SWEEP_MILLIS = 100;

  /** An endpoint is tried for requests that have no other so long after a failed attempt. */
  static final long ATTEMPT_EVERY_NANOS = 100_000_000L;

  /** How long the first connection may take before another endpoint is tried as well. */
  private static final long SLOW_CONNECT_MILLIS = 250;

  /** The youngest that a connection is replaced, as a part of its greatest age. */
  private static final double LEAST_AGE = 0.8;

  /** Exchanges of no tenant. */
  private static final Object NOBODY = new Object();

  final Connector connector;
  private final Home home;
  private final int maxPending;
  private final @Nullable ConcurrencyBound bound;
  private final Map<Object, ArrayDeque<PendingEnd>> queues = new LinkedHashMap<>();
  private int waiting;
  private long backoffNanos;
  private long notBeforeNanos;
  private boolean isSlow;
  private boolean timed;
  private boolean attemptIsDue;
  private boolean sweeps;
  private boolean servesSoon;
  private long failedAtNanos;

  /** The endpoint that the pool belongs to; what speaks for and against it is told here. */
  interface Home {
    /** How many requests the endpoint gets at a time; null for any number. */
    @Nullable ConcurrencyBound bound();

    /** Whether there are other endpoints of the same upstream. */
    boolean hasOthers();

    /** A request was sent. */
    void sent();

    /** An answer came that is no failure. */
    void answered();

    /** A request failed. */
    void failed(Attempts.Failure why);

    /** Whether a request of this pool is to be sent again. */
    boolean mayResend(StreamEnd client, Attempts.Failure why);

    /** Sends it again. */
    void resend(Pool from, StreamEnd client, SentRequest request);

    /** A connection was made. */
    void connected();

    /** None could be made, and there is no other. */
    void unreachable();

    /** It is not known yet whether one can be made: it takes longer than it should. */
    void slow();

    /**
     * Lets a request wait for another endpoint.
     *
     * @return false when there is none
     */
    boolean move(Pool from, PendingEnd waiting, Object owner);

    /**
     * Lets a request that can wait nowhere else wait for the next attempt to connect, by {@link
     * Pool#awaitAttempt} of this endpoint or another one.
     *
     * @return false when it has waited for as many as it may
     */
    boolean awaitAttempt(Pool from, PendingEnd waiting, Object owner);
  }

  Pool(Connector connector, Home home, int maxPending) {
    this.connector = connector;
    this.home = home;
    this.maxPending = maxPending;
    this.bound = home.bound();
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

  /** Makes a connection that nobody waits for, unless one is being made. */
  abstract void probe();

  /** Has the requests sent again that have no answer yet, and uses new connections from now on. */
  abstract void abandon();

  /** Has the requests sent again that have no answer yet, as far as they may. */
  abstract void resendUnanswered();

  /** Closes free connections, and others as they become free. */
  abstract void retire();

  /** Requests under way. */
  abstract int underWay();

  /** Whether any connection is open. */
  abstract boolean connected();

  /** Whether there may be a further request of this owner now. */
  private boolean mayBegin(Object owner) {
    return (bound == null || bound.admits(owner)) && mayTake(owner);
  }

  /** What a request that begins takes of the bound; null where there is none. */
  final @Nullable Slot slot(Object owner) {
    return bound == null ? null : bound.take(owner);
  }

  /** An upstream's end: a real one, or one that waits to become one. */
  final StreamEnd open(@Nullable TenantMemoryShare tenant) {
    Object owner = owner(tenant);
    StreamEnd free = mayBegin(owner) && !queues.containsKey(owner) ? pick(owner) : null;
    return free != null ? free : waiting(owner);
  }

  /** Whose an exchange is. */
  static Object owner(@Nullable TenantMemoryShare tenant) {
    return tenant == null ? NOBODY : tenant;
  }

  private StreamEnd waiting(Object owner) {
    PendingEnd w = new PendingEnd(connector.worker());
    await(w, owner);
    return w;
  }

  /** Takes a request over that has waited elsewhere. */
  final void adopt(PendingEnd w, Object owner) {
    StreamEnd free = mayBegin(owner) && !queues.containsKey(owner) ? pick(owner) : null;
    if (free != null) {
      w.handOver(free);
    } else {
      await(w, owner);
    }
  }

  private void await(PendingEnd w, Object owner) {
    if (!connected() && backingOff()) {
      moveSoon(w, owner);
    } else if (full(owner)) {
      dropped();
      giveUpSoon(w, overloaded(connector.name()));
    } else {
      keep(w, owner);
      if (mayBegin(owner)) {
        grow();
      }
      watchConnect();
      watchWaiting(w);
    }
  }

  // ---- for how long requests wait for their turn

  private void watchWaiting(PendingEnd w) {
    ConcurrencyBound known = bound;
    if (known != null && known.maxWaitNanos() > 0) {
      w.waitsUntil(connector.nanoTime() + known.maxWaitNanos());
      if (!sweeps) {
        sweeps = true;
        connector.worker().eventLoop.schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  /** Refuses those that have waited for too long; of each tenant the first has waited longest. */
  private void sweep() {
    long now = connector.nanoTime();
    List<PendingEnd> late = new ArrayList<>();
    queues
        .values()
        .forEach(queue -> {
          for (PendingEnd w; (w = queue.peek()) != null && (w.cancelled() || w.isLate(now)); ) {
            late.add(queue.remove());
          }
        });
    queues.values().removeIf(ArrayDeque::isEmpty);
    waits(waiting - late.size());
    for (PendingEnd w : late) {
      if (!w.cancelled()) {
        dropped();
        w.giveUp(overloaded(connector.name()));
      }
    }
    sweeps = waiting > 0;
    if (sweeps) {
      connector.worker().eventLoop.schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void dropped() {
    if (bound != null) {
      bound.dropped();
    }
  }

  /** So many wait now. */
  private void waits(int now) {
    if (bound != null && now != waiting) {
      bound.waits(now - waiting);
    }
    waiting = now;
  }

  private void watchConnect() {
    if (!connected() && !timed && home.hasOthers()) {
      timed = true;
      connector
          .worker()
          .eventLoop
          .schedule(this::connectIsSlow, SLOW_CONNECT_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void connectIsSlow() {
    timed = false;
    if (!connected() && waiting > 0) {
      isSlow = true;
      home.slow();
      moveAll();
    }
  }

  /** Whether a request has a chance to get a connection. */
  final boolean takesConnections() {
    return connected() || !isSlow && !backingOff();
  }

  /** Requests under way and waiting. */
  final int load() {
    return underWay() + waiting;
  }

  /** Lets everybody wait elsewhere who can. */
  final void moveAll() {
    takeAll().forEach((owner, queue) -> queue.forEach(w -> moveOr(w, owner, () -> keep(w, owner))));
  }

  private Map<Object, ArrayDeque<PendingEnd>> takeAll() {
    Map<Object, ArrayDeque<PendingEnd>> all = new LinkedHashMap<>(queues);
    queues.clear();
    waits(0);
    return all;
  }

  private void keep(PendingEnd w, Object owner) {
    queues.computeIfAbsent(owner, o -> new ArrayDeque<>()).add(w);
    waits(waiting + 1);
  }

  private void moveOr(PendingEnd w, Object owner, Runnable otherwise) {
    if (!w.cancelled() && !home.move(this, w, owner)) {
      otherwise.run();
    }
  }

  /** After the caller has linked it: elsewhere there may be somebody who takes connections. */
  private void moveSoon(PendingEnd w, Object owner) {
    connector
        .worker()
        .eventLoop
        .execute(() -> moveOr(w, owner, () -> awaitAttemptOrGiveUp(w, owner)));
  }

  private void awaitAttemptOrGiveUp(PendingEnd w, Object owner) {
    if (!home.awaitAttempt(this, w, owner)) {
      w.giveUp(unreachable(connector.name()));
    }
  }

  /** Takes a request that waits for an attempt of its own, whatever failed a moment ago. */
  final void awaitAttempt(PendingEnd w, Object owner) {
    if (connected()) {
      adopt(w, owner); // it has come about meanwhile
    } else if (full(owner)) {
      w.giveUp(overloaded(connector.name()));
    } else {
      keep(w, owner);
      attemptWhenDue();
      watchWaiting(w);
    }
  }

  private void attemptWhenDue() {
    if (!attemptIsDue) {
      attemptIsDue = true;
      long ago = connector.nanoTime() - failedAtNanos;
      long wait = backoffNanos == 0 ? 0 : Math.max(0, ATTEMPT_EVERY_NANOS - ago);
      connector.worker().eventLoop.schedule(this::attempt, wait, TimeUnit.NANOSECONDS);
    }
  }

  private void attempt() {
    attemptIsDue = false;
    if (connected()) {
      serve();
    } else if (waiting > 0) {
      probe();
      watchConnect();
    }
  }

  /** Connects though nobody waits, unless that failed a moment ago. */
  final void attemptUnlessJustFailed() {
    if (!attemptIsDue
        && (backoffNanos == 0 || connector.nanoTime() - failedAtNanos >= ATTEMPT_EVERY_NANOS)) {
      probe();
    }
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
      waits(queues.values().stream().mapToInt(ArrayDeque::size).sum());
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

  /** A request has ended: one that waits may have its place. */
  final void serveSoon() {
    if (waiting > 0 && !servesSoon) {
      servesSoon = true;
      connector
          .worker()
          .eventLoop
          .execute(() -> {
            servesSoon = false;
            serve();
          });
    }
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
      for (PendingEnd w; (w = queue.peek()) != null && w.cancelled(); ) {
        queue.poll();
        waits(waiting - 1);
      }
      if (queue.isEmpty()) {
        all.remove();
      } else if (mayBegin(one.getKey())) {
        return one.getKey();
      }
    }
    return null;
  }

  /** Takes the first waiting request of an owner, and moves the owner to the end. */
  private PendingEnd take(Object owner) {
    ArrayDeque<PendingEnd> queue = Objects.requireNonNull(queues.remove(owner), "queue");
    PendingEnd first = queue.remove();
    waits(waiting - 1);
    if (!queue.isEmpty()) {
      queues.put(owner, queue);
    }
    return first;
  }

  final int waitingCount() {
    return waiting;
  }

  /** Requests that wait for a connection, and not for their turn. */
  final int wantedCount() {
    return bound == null ? waiting : Math.min(waiting, bound.free());
  }

  final void connectionSucceeded() {
    backoffNanos = 0;
    isSlow = false;
    home.connected();
  }

  /** How long a new connection stays open; none as long as the next one. */
  final UpstreamLife life() {
    ConnectionsConfig config = connector.config().connections();
    double part = LEAST_AGE + (1 - LEAST_AGE) * ThreadLocalRandom.current().nextDouble();
    return new UpstreamLife(
        config.idleTimeout().toNanos(), (long) (config.maxAge().toNanos() * part));
  }

  // ---- what becomes of requests

  @Override
  public final void sent() {
    home.sent();
  }

  @Override
  public final void answered() {
    home.answered();
  }

  @Override
  public final void failed(Failure why) {
    home.failed(why);
  }

  @Override
  public final boolean mayResend(StreamEnd client, Failure why) {
    return home.mayResend(client, why);
  }

  @Override
  public final void resend(StreamEnd client, SentRequest request) {
    home.resend(this, client, request);
  }

  /** A connection failed; if there is no other, requests wait elsewhere, or for the next one. */
  final void connectionFailed() {
    backoffNanos =
        backoffNanos == 0 ? FIRST_BACKOFF_NANOS : Math.min(2 * backoffNanos, MAX_BACKOFF_NANOS);
    failedAtNanos = connector.nanoTime();
    notBeforeNanos = failedAtNanos + backoffNanos;
    if (connected()) {
      connector.worker().eventLoop.schedule(this::serve, backoffNanos, TimeUnit.NANOSECONDS);
      return; // they may still get one of those, or a new one then
    }
    isSlow = false;
    home.unreachable();
    if (!attemptIsDue) { // else they wait for a later one
      Map<Object, ArrayDeque<PendingEnd>> all = takeAll();
      all.forEach((owner, queue) ->
          queue.forEach(w -> {
            w.attemptFailed();
            moveOr(w, owner, () -> awaitAttemptOrGiveUp(w, owner));
          }));
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
