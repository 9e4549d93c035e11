package io.scopegate.gateway.exchange;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shares out an event loop's time among the connections that are read less often: those whose
 * requests are refused, and those that have not shown yet that they may send. Without it a thousand
 * refused requests in one read keep everybody else on the loop waiting.
 *
 * <p>Owners have their turns in rotation, and so have the connections of one owner. A turn takes a
 * quarter of a millisecond, a round of turns two milliseconds. After a round the loop belongs to
 * everybody else for as long as the round took. Nothing is lost: what waits is read later. With n
 * connections that always have something to be read, one of them waits for about n/2 milliseconds.
 *
 * <p>For one event loop; its methods must be called on it.
 */
public final class ReadTurns {
  /** How long the connections are read before the loop does something else. */
  static final long ROUND_NANOS = 2_000_000;

  /** How long one connection is read in its turn; what was begun is ended. */
  static final long TURN_NANOS = 250_000;

  private static final Logger LOG = LoggerFactory.getLogger(ReadTurns.class);

  private final LongSupplier nanoTime;
  private final Scheduler scheduler;
  private final Map<Object, ArrayDeque<Reader>> queues = new LinkedHashMap<>();
  private boolean scheduled;

  /** A connection that has something to be read. */
  public interface Reader {
    /**
     * Reads on until that time or until nothing is left, but at least one piece.
     *
     * @param untilNanos as of the clock of these turns
     * @return whether more waits
     */
    boolean read(long untilNanos);
  }

  /** Runs something on the event loop, after what is ready there. */
  interface Scheduler {
    void run(Runnable round, long delayNanos);
  }

  ReadTurns(LongSupplier nanoTime, Scheduler scheduler) {
    this.nanoTime = nanoTime;
    this.scheduler = scheduler;
  }

  /**
   * Gives a connection turns until its reader says that nothing waits any more.
   *
   * @param owner whose connection it is: those of one owner share its turns
   */
  public void add(Object owner, Reader reader) {
    queues.computeIfAbsent(owner, o -> new ArrayDeque<>()).add(reader);
    schedule(0);
  }

  /** The clock that turns are measured by, in nanoseconds. */
  public long nanoTime() {
    return nanoTime.getAsLong();
  }

  private void schedule(long delayNanos) {
    if (!scheduled) {
      scheduled = true;
      scheduler.run(this::round, delayNanos);
    }
  }

  private void round() {
    scheduled = false;
    long begun = nanoTime();
    long now = begun;
    while (!queues.isEmpty() && now - begun < ROUND_NANOS) {
      turn(now + TURN_NANOS);
      now = nanoTime();
    }
    if (!queues.isEmpty()) {
      schedule(now - begun);
    }
  }

  private void turn(long untilNanos) {
    Object owner = queues.keySet().iterator().next();
    ArrayDeque<Reader> own = Objects.requireNonNull(queues.remove(owner), "own");
    Reader reader = own.remove();
    if (!own.isEmpty()) {
      queues.put(owner, own); // behind all others
    }
    if (reads(reader, untilNanos)) {
      queues.computeIfAbsent(owner, o -> new ArrayDeque<>()).add(reader);
    }
  }

  /** A defect in one must not keep the others from their turn. */
  private static boolean reads(Reader reader, long untilNanos) {
    try {
      return reader.read(untilNanos);
    } catch (RuntimeException e) {
      LOG.error("A connection could not be read: a defect of the gateway", e);
      return false;
    }
  }
}
