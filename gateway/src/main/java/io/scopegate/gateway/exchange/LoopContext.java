package io.scopegate.gateway.exchange;

import io.netty.channel.EventLoop;
import io.scopegate.gateway.answer.Refusal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What belongs to one event loop: its connections, the exchanges under way with their timeouts, the
 * flush at the end of a turn and the share in the budget of bytes. Nothing here needs a lock.
 */
public final class LoopContext implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(LoopContext.class);

  /** How often timeouts are looked at: the resolution of every timeout here. */
  static final long TICK_MILLIS = 100;

  private static final int FLUSH_BYTES = 128 << 10;

  /** How long a client that was refused for lack of memory should wait. */
  static final long SHED_RETRY_MILLIS = 2_000;

  /** The event loop. */
  public final EventLoop eventLoop;

  /** The process-wide budget. */
  public final Budget budget;

  /** Connections that are read in turns. */
  public final ReadTurns turns;

  private final Set<Connection> clients = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Connection> upstreams = Collections.newSetFromMap(new IdentityHashMap<>());
  private final ArrayList<Flush> dirty = new ArrayList<>();
  private final ArrayList<Postponed> postponed = new ArrayList<>();
  private @Nullable Exchange first;
  private final LongConsumer lag;
  private boolean turnScheduled;
  private boolean draining;
  private boolean ticking;
  private long nowNanos = System.nanoTime();
  private long nowMillis = System.currentTimeMillis();
  private int exchanges;
  private long tick;

  /** When the next look at timeouts should come. */
  private long dueNanos;

  private record Postponed(StreamEnd side, int bytes) {}

  /** Flush state of one connection. */
  public static final class Flush {
    private final Connection connection;
    private boolean dirty;
    private int bytes;

    public Flush(Connection connection) {
      this.connection = connection;
    }
  }

  /** What belongs to the given loop. */
  public LoopContext(EventLoop loop, Budget budget) {
    this(loop, budget, nanos -> {});
  }

  /**
   * What belongs to the given loop.
   *
   * @param lag told ten times a second, while there are connections, by how many nanoseconds a task
   *     came too late: so long does everything on this loop wait
   */
  public LoopContext(EventLoop loop, Budget budget, LongConsumer lag) {
    this.lag = lag;
    eventLoop = loop;
    this.budget = budget;
    turns = new ReadTurns(System::nanoTime, this::later);
  }

  /** After what is ready on the loop; a task without a delay needs no timer. */
  private void later(Runnable task, long delayNanos) {
    if (delayNanos == 0) {
      eventLoop.execute(task);
    } else {
      eventLoop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    }
  }

  /** The time, at most {@value #TICK_MILLIS} ms old. */
  public long nowNanos() {
    return ticking ? nowNanos : System.nanoTime();
  }

  /** The wall-clock time in milliseconds since the epoch, at most {@value #TICK_MILLIS} ms old. */
  long nowMillis() {
    return ticking ? nowMillis : System.currentTimeMillis();
  }

  /** Requests under way. */
  public int exchanges() {
    return exchanges;
  }

  // ---- one flush a connection and turn

  /** n more bytes wait on this connection. */
  public void touch(Flush f, int n) {
    f.bytes += n;
    if (!f.dirty) {
      f.dirty = true;
      dirty.add(f);
      if (!turnScheduled) {
        turnScheduled = true;
        eventLoop.execute(this);
      }
    }
    if (f.bytes >= FLUSH_BYTES) {
      f.bytes = 0;
      f.connection.flushNow();
    }
  }

  /** The end of a turn. */
  @Override
  public void run() {
    turnScheduled = false;
    for (int i = 0; i < dirty.size(); i++) { // a flush may add to the list
      Flush f = dirty.get(i);
      f.dirty = false;
      f.bytes = 0;
      f.connection.flushNow();
    }
    dirty.clear();
  }

  // ---- connections

  /** Takes a connection into the timeouts' sweep. */
  public void add(Connection c, boolean client) {
    (client ? clients : upstreams).add(c);
    startTicking();
    if (client && draining) {
      eventLoop.execute(c::drain);
    }
  }

  public void remove(Connection c) {
    clients.remove(c);
    upstreams.remove(c);
  }

  /** Finishes what is running on the connections of clients; those of upstreams go on. */
  public void drain() {
    draining = true;
    List.copyOf(clients).forEach(Connection::drain);
  }

  /** Open connections of clients. */
  public int clients() {
    return clients.size();
  }

  /** Open connections to upstreams. */
  public int upstreams() {
    return upstreams.size();
  }

  // ---- exchanges

  void watch(Exchange x) {
    x.next = first;
    if (first != null) {
      first.previous = x;
    }
    first = x;
    exchanges++;
    startTicking();
  }

  void unwatch(Exchange x) {
    if (x.previous != null) {
      x.previous.next = x.next;
    } else {
      first = x.next;
    }
    if (x.next != null) {
      x.next.previous = x.previous;
    }
    exchanges--;
  }

  private void startTicking() {
    if (!ticking) {
      ticking = true;
      readClocks();
      tickLater();
    }
  }

  private void tickLater() {
    dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
    eventLoop.schedule(this::tick, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void readClocks() {
    nowNanos = System.nanoTime();
    nowMillis = System.currentTimeMillis();
  }

  /** Whatever happens in a round, the next one comes: without it no time would pass here. */
  private void tick() {
    readClocks();
    lag.accept(Math.max(0, nowNanos - dueNanos));
    try {
      round();
    } catch (RuntimeException e) {
      LOG.error("A round over the requests under way failed", e);
    } finally {
      nextTick();
    }
  }

  private void round() {
    for (Exchange x = first; x != null; ) {
      Exchange next = x.next; // the check may end it
      check(x);
      x = next;
    }
    grantPostponed();
    if (tick++ % 5 == 0) {
      List.copyOf(clients).forEach(c -> c.sweep(nowNanos));
      List.copyOf(upstreams).forEach(c -> c.sweep(nowNanos));
    }
  }

  /** A defect in one must not keep the others from their turn. */
  private void check(Exchange x) {
    try {
      x.check(nowNanos);
    } catch (RuntimeException e) {
      LOG.error("request {}: a defect of the gateway", x.record.requestId(), e);
      x.client().abort();
    }
  }

  private void nextTick() {
    if (first == null && clients.isEmpty() && upstreams.isEmpty() && postponed.isEmpty()) {
      ticking = false;
    } else {
      tickLater();
    }
  }

  // ---- the budget

  /** Gives this credit later, when there is memory again. */
  void postpone(StreamEnd side, int n) {
    postponed.add(new Postponed(side, n));
    startTicking();
  }

  private void grantPostponed() {
    if (postponed.isEmpty() || budget.spent()) {
      return;
    }
    List<Postponed> now = List.copyOf(postponed);
    postponed.clear();
    for (Postponed p : now) {
      if (p.side().mayBeCredited()) {
        p.side().creditPostponed(p.bytes());
      } else {
        postponed.add(p);
      }
    }
  }

  /** There is no memory even for what was promised: ends the exchange of this side. */
  void shed(StreamEnd side) {
    StreamEnd p = side.peer;
    Exchange x = side.exchange != null ? side.exchange : p == null ? null : p.exchange;
    if (x != null) {
      x.shed(overloaded());
    }
  }

  /** What a client is told when there is no memory for its request. */
  public static Refusal overloaded() {
    return Refusal.retryable(
        Refusal.Reason.UNAVAILABLE,
        "forward: too many bytes are in flight through the gateway; try again",
        SHED_RETRY_MILLIS);
  }
}
