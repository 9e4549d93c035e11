package io.scopegate.gateway.exchange;

import io.scopegate.gateway.route.Traffic.Pauses;

/**
 * Decides what is done about an exchange that makes no progress. It only decides: what it needs to
 * know comes in as {@link Progress}, what is to be done goes out as an {@link Action}.
 */
final class ExchangeDeadlines {
  /** How long an upstream's answer that is complete may take to be read without any progress. */
  static final long LEAVING_NANOS = 60_000_000_000L;

  /** The same for an answer of the gateway's own, which is small: who reads at all has read it. */
  static final long UNREAD_NANOS = 10_000_000_000L;

  /**
   * When a connection with many unread answers is closed; longer than the rest of an answered
   * request is read for.
   */
  static final long UNREAD_GRACE_NANOS = 2_000_000_000L;

  private ExchangeDeadlines() {}

  /** What is to be done. */
  enum Action {
    /** Nothing: it goes on. */
    NONE,
    /** Cut the exchange off: its answer is complete, and the client does not read it. */
    ABORT,
    /** Close the connection: its client leaves too many of the gateway's own answers unread. */
    CLOSE_CONNECTION,
    /** Tell the client that the rest of its request is unwanted: the answer is complete. */
    LINGERED,
    /** Refuse: the answer pauses for longer than {@code timeouts.idle}. */
    IDLE,
    /** Cut the exchange off for the same reason: the client does not read, trailers would queue. */
    IDLE_UNREAD,
    /** Refuse: the client pauses in its request's body. */
    BODY_TOO_SLOW,
    /** Refuse: the upstream has not begun to answer within {@code timeouts.firstByte}. */
    FIRST_BYTE,
    /** Refuse: it takes longer than {@code timeouts.exchange}. */
    DEADLINE,
    /** Refuse: it takes longer than the client said it would wait. */
    CLIENT_DEADLINE
  }

  /** Which time for the whole exchange has passed. */
  enum Overdue {
    /** None. */
    NO,
    /** {@code timeouts.exchange}. */
    EXCHANGE,
    /** The client's own. */
    CLIENT
  }

  /**
   * How far an exchange has come.
   *
   * @param headSent the client has got a head
   * @param inEnd the request has been read to its end
   * @param outEnd the answer is complete, though perhaps not read
   * @param ownAnswer the answer is the gateway's own
   * @param manyUnread its connection has more unread answers than an honest client leaves
   * @param lingered the rest of the request was read for long enough after the answer
   * @param overdue whether a time for the whole exchange has passed
   * @param linked there is an upstream's end
   * @param clientWaits bytes of the request wait for the upstream
   * @param upstreamWaits bytes of the answer wait for the client
   * @param pauses whose silence means nothing, by the endpoint; NONE before it is forwarded
   * @param pauseNanos how long nothing has moved
   */
  record Progress(
      boolean headSent,
      boolean inEnd,
      boolean outEnd,
      boolean ownAnswer,
      boolean manyUnread,
      boolean lingered,
      Overdue overdue,
      boolean linked,
      boolean clientWaits,
      boolean upstreamWaits,
      Pauses pauses,
      long pauseNanos) {

    /** Whether nobody is to blame: the endpoint is one for conversations, and nothing is stuck. */
    private boolean mayPause(Pauses least) {
      return pauses.compareTo(least) >= 0 && !clientWaits && !upstreamWaits;
    }
  }

  /**
   * Decides.
   *
   * @param timeouts the upstream's; {@link Timeouts#NONE} before it is forwarded
   * @param bodyTimeoutNanos the longest pause in a request's body; 0 for no limit
   */
  static Action decide(Progress p, Timeouts timeouts, long bodyTimeoutNanos) {
    if (p.outEnd) {
      return leaving(p, timeouts);
    }
    return switch (p.overdue) {
      case EXCHANGE -> Action.DEADLINE;
      case CLIENT -> Action.CLIENT_DEADLINE;
      case NO -> pausing(p, timeouts, bodyTimeoutNanos);
    };
  }

  /** The answer is complete, but not read yet, or the client is still sending. */
  private static Action leaving(Progress p, Timeouts timeouts) {
    if (p.lingered) {
      return Action.LINGERED;
    }
    if (p.ownAnswer && p.manyUnread && p.pauseNanos >= UNREAD_GRACE_NANOS) {
      return Action.CLOSE_CONNECTION;
    }
    long most = p.ownAnswer ? UNREAD_NANOS : LEAVING_NANOS;
    long idleNanos = timeouts.idleNanos() > 0 ? timeouts.idleNanos() : most;
    return p.overdue != Overdue.NO || p.pauseNanos >= Math.min(idleNanos, most)
        ? Action.ABORT
        : Action.NONE;
  }

  /** Who has to move, and for how long nobody has. */
  private static Action pausing(Progress p, Timeouts timeouts, long bodyTimeoutNanos) {
    if (p.headSent) {
      if (passed(p.pauseNanos, timeouts.idleNanos()) && !p.mayPause(Pauses.ANSWER)) {
        return p.upstreamWaits ? Action.IDLE_UNREAD : Action.IDLE;
      }
    } else if (!p.inEnd && !p.clientWaits) {
      if (passed(p.pauseNanos, bodyTimeoutNanos) && !p.mayPause(Pauses.BOTH)) {
        return Action.BODY_TOO_SLOW;
      }
    } else if (p.linked && passed(p.pauseNanos, timeouts.firstByteNanos())) {
      return Action.FIRST_BYTE;
    }
    return Action.NONE;
  }

  private static boolean passed(long pauseNanos, long limitNanos) {
    return limitNanos > 0 && pauseNanos >= limitNanos;
  }
}
