package io.scopegate.gateway.exchange;

/**
 * The answers of the gateway's own that the client of one connection has not read yet; for its
 * event loop only. They cost memory and bring nothing, and a client need not even have a credential
 * to get them. So a connection may have as many as are free in the {@link Budget}, may not sit on
 * more than {@link #MOST}, and each of them is dropped after {@link
 * ExchangeDeadlines#UNREAD_NANOS}.
 */
public final class UnreadAnswers {
  /**
   * How many a connection may have when nothing has moved for {@link
   * ExchangeDeadlines#UNREAD_GRACE_NANOS}; an honest client has none by then.
   */
  static final int MOST = 100;

  private int answers;
  private long bytes;
  private long progressNanos;

  void add() {
    answers++;
  }

  void remove() {
    answers--;
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

  /** Whether it has more than are free. */
  boolean areTooMany(Budget budget) {
    return budget.isTooMuchUnread(answers, bytes);
  }

  /** Whether there are more than an honest client leaves unread. */
  boolean areMany() {
    return answers > MOST;
  }

  /** Bytes of the bodies of these answers. */
  public long bytes() {
    return bytes;
  }

  /** Whether none of their bytes has been written for so long that nobody reads them. */
  public boolean areStuck(long nowNanos) {
    return bytes > 0 && nowNanos - progressNanos >= ExchangeDeadlines.UNREAD_NANOS;
  }
}
