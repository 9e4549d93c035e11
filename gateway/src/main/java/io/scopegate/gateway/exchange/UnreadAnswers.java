package io.scopegate.gateway.exchange;

/**
 * The answers that the client of one connection has not read yet; for its event loop only. The
 * gateway's own answers, which are some of them, cost memory and bring nothing, and a client need
 * not even have a credential to get them. So a connection may have as many of those as are free in
 * the {@link Budget}, may not sit on more than {@link #MOST}, and each of them is dropped after
 * {@link ExchangeDeadlines#UNREAD_NANOS}. Of all answers, {@link #MOST} may wait for as long while
 * none is taken.
 */
public final class UnreadAnswers {
  /**
   * How many a connection may have when nothing has moved, for {@link
   * ExchangeDeadlines#UNREAD_GRACE_NANOS} where they are the gateway's own; an honest client has
   * none by then.
   */
  public static final int MOST = 100;

  private int own;
  private int complete;
  private int ended;
  private long bytes;
  private long progressNanos;
  private boolean closed;

  /** The streams that had ended when complete answers were first seen to wait. */
  private int waitingAtEnded;

  private long waitingSinceNanos;

  void add() {
    own++;
  }

  void remove() {
    own--;
  }

  void queue(int n, long nowNanos) {
    if (bytes == 0) {
      progressNanos = nowNanos;
    }
    bytes += n;
  }

  void unqueue(int n, long nowNanos) {
    bytes -= n;
    progressNanos = nowNanos;
  }

  /** Whether it has more of the gateway's own than are free. */
  boolean areTooMany(Budget budget) {
    return budget.isTooMuchUnread(own, bytes);
  }

  /** Whether there are more of the gateway's own than an honest client leaves unread. */
  boolean areMany() {
    return own > MOST;
  }

  /** Their connection is closed; whether it was not before. */
  boolean close() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** Bytes of the bodies of the gateway's own. */
  public long bytes() {
    return bytes;
  }

  /** Whether none of these bytes has been written for so long that nobody reads them. */
  public boolean areStuck(long nowNanos) {
    return bytes > 0 && nowNanos - progressNanos >= ExchangeDeadlines.UNREAD_NANOS;
  }

  // ---- over HTTP/2: all that is complete

  /** A connection begins: no answer has waited for longer. */
  public void begin(long nowNanos) {
    waitingSinceNanos = nowNanos;
  }

  /** All of an answer was handed to the connection. */
  public void completed() {
    complete++;
  }

  /** The stream of such an answer has ended. */
  public void taken() {
    complete--;
  }

  /** A stream has ended, with or without an answer. */
  public void streamEnded() {
    ended++;
  }

  /** Complete answers whose streams have not ended. */
  public int complete() {
    return complete;
  }

  /**
   * Whether many answers are complete, and for seconds not one of them is taken. It takes note of
   * what it finds, so it is for the regular look at the connection.
   */
  public boolean isNoneTaken(long nowNanos) {
    if (complete <= MOST || waitingAtEnded != ended) {
      waitingSinceNanos = nowNanos;
      waitingAtEnded = ended;
      return false;
    }
    return nowNanos - waitingSinceNanos > ExchangeDeadlines.UNREAD_NANOS;
  }
}
