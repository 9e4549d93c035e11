package io.scopegate.gateway.exchange;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The process-wide budgets, for any thread.
 *
 * <ul>
 *   <li><b>Bytes</b>: bodies that were read at one end and not yet written at the other, heads that
 *       wait, and answers of the gateway's own. Windows promise memory per stream; this bounds what
 *       all the promises together may cost. Over the limit no more credit is given and new requests
 *       are refused; at one and a half times the limit the exchanges that bring more are ended.
 *       Within it a {@link TenantMemoryShare} keeps each tenant to its part.
 *   <li><b>Waiting</b>: of these bytes, what waits for a decision or a connection may be a quarter.
 *       A client that has not shown yet that it may send must not keep the others from it.
 *   <li><b>Requests under way</b>. A request that is refused, or that the gateway answers itself,
 *       is under way no longer: who is answered does not crowd out others.
 *   <li><b>Unread answers</b>: answers of the gateway's own that their clients have not read yet,
 *       as many as requests may be under way, and an eighth of the bytes. A connection may have as
 *       much of both as is free; with more it is closed, see {@link UnreadAnswers}.
 *   <li><b>Delayed</b>: of the bytes, an eighth may be requests that have been received and wait
 *       for their turn, see {@link ReadTurns}. What goes beyond is read at once.
 * </ul>
 */
public final class Budget {
  private static final int WAITING_PART = 4;
  private static final int UNREAD_PART = 8;
  private static final int DELAYED_PART = 8;

  /** What has a budget of its own, each derived from one of the two that are configured. */
  public enum Part {
    /** Body bytes held. */
    BYTES,
    /** Requests under way. */
    REQUESTS,
    /** Bytes of heads and bodies that wait for a decision or a connection. */
    WAITING_BYTES,
    /** Answers of the gateway's own that have not been read. */
    UNREAD_ANSWERS,
    /** Bytes of their bodies. */
    UNREAD_ANSWER_BYTES,
    /** Bytes of clients that are read in turns. */
    DELAYED_BYTES
  }

  private final AtomicLong held = new AtomicLong();
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong delayed = new AtomicLong();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger unread = new AtomicInteger();
  private final AtomicLong unreadBytes = new AtomicLong();
  private final LongAdder closed = new LongAdder();
  private final long limitBytes;
  private final int limitRequests;

  /**
   * A budget.
   *
   * @param limitBytes where credit stops
   * @param limitRequests how many requests may be under way
   */
  public Budget(long limitBytes, int limitRequests) {
    if (limitBytes <= 0) {
      throw new IllegalArgumentException("limitBytes: " + limitBytes + " (expected: > 0)");
    }
    this.limitBytes = limitBytes;
    this.limitRequests = limitRequests;
  }

  /** How much of a budget is used; 1 when all of it is, and more where that is bounded later. */
  public double used(Part part) {
    return switch (part) {
      case BYTES -> (double) held.get() / limitBytes;
      case REQUESTS -> (double) requests.get() / limitRequests;
      case WAITING_BYTES -> (double) waiting.get() / (limitBytes / WAITING_PART);
      case UNREAD_ANSWERS -> (double) unread.get() / limitRequests;
      case UNREAD_ANSWER_BYTES -> (double) unreadBytes.get() / (limitBytes / UNREAD_PART);
      case DELAYED_BYTES -> (double) delayed.get() / (limitBytes / DELAYED_PART);
    };
  }

  // ---- requests

  void begin() {
    requests.incrementAndGet();
  }

  void end() {
    requests.decrementAndGet();
  }

  /** Whether more requests are under way than may be. */
  public boolean crowded() {
    return requests.get() > limitRequests;
  }

  /** Requests that may still begin; negative when too many have. */
  int freeRequests() {
    return limitRequests - requests.get();
  }

  /** Requests under way; those that the gateway has answered itself are not. */
  public int requests() {
    return requests.get();
  }

  // ---- unread answers

  /** A request under way has got an answer of the gateway's own, which is to be read. */
  void answered() {
    requests.decrementAndGet();
    unread.incrementAndGet();
  }

  /** Such an answer has been read, or never will be. */
  void read() {
    unread.decrementAndGet();
  }

  /** Notes bytes of such answers that are written and that the socket has not taken. */
  public void queue(int n) {
    held.addAndGet(n);
    unreadBytes.addAndGet(n);
  }

  /** The socket has taken them, or is gone. */
  public void unqueue(int n) {
    held.addAndGet(-n);
    unreadBytes.addAndGet(-n);
  }

  /** Whether the bytes of such answers are half of what they may be: the rest is for others. */
  public boolean isUnreadHalfSpent() {
    return unreadBytes.get() > limitBytes / UNREAD_PART / 2;
  }

  /** Whether a connection with so many unread answers has more than are free. */
  boolean isTooMuchUnread(int answers, long bytes) {
    return answers > limitRequests - unread.get()
        || bytes > limitBytes / UNREAD_PART - unreadBytes.get();
  }

  /** Whether a connection with so many unread answers has more than half of those that are free. */
  public boolean isUnreadScarceFor(int answers) {
    return 2L * answers > limitRequests - unread.get();
  }

  /** A connection is closed, because its client does not read its answers. */
  void closedUnread() {
    closed.increment();
  }

  /** Answers of the gateway's own that have not been read yet. */
  public int unreadAnswers() {
    return unread.get();
  }

  /** Bytes of their bodies. */
  public long unreadBytes() {
    return unreadBytes.get();
  }

  /** How many connections were closed because their clients did not read their answers. */
  public long closedConnections() {
    return closed.sum();
  }

  // ---- bytes

  /** Bytes that may still be held; negative when there are too many. */
  long freeBytes() {
    return limitBytes - held.get();
  }

  void hold(int n) {
    held.addAndGet(n);
  }

  void release(int n) {
    held.addAndGet(-n);
  }

  /**
   * Notes bytes that wait for a decision or a connection.
   *
   * @return whether there was room
   */
  boolean park(int n) {
    return waiting.addAndGet(n) <= limitBytes / WAITING_PART;
  }

  void unpark(int n) {
    waiting.addAndGet(-n);
  }

  /** Bytes of heads and bodies that wait for a decision or a connection. */
  public long waitingBytes() {
    return waiting.get();
  }

  /**
   * Notes bytes that were received and wait for their turn.
   *
   * @return whether there was room; else nothing is noted
   */
  public boolean delay(int n) {
    if (delayed.addAndGet(n) > limitBytes / DELAYED_PART) {
      delayed.addAndGet(-n);
      return false;
    }
    held.addAndGet(n);
    return true;
  }

  /** They wait no longer. */
  public void delayEnded(int n) {
    delayed.addAndGet(-n);
    held.addAndGet(-n);
  }

  /** Bytes that were received and wait for their turn. */
  public long delayedBytes() {
    return delayed.get();
  }

  /** Whether no more credit may be given and no new request taken. */
  public boolean spent() {
    return held.get() > limitBytes;
  }

  /** Whether even what was promised is too much. */
  boolean exhausted() {
    return held.get() > limitBytes + limitBytes / 2;
  }

  /** Bytes held for exchanges in flight. */
  public long heldBytes() {
    return held.get();
  }
}
