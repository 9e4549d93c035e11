package io.scopegate.gateway.forward;

import java.time.Duration;
import java.util.Locale;

/**
 * How one endpoint is doing. It only decides, by the times it is given in nanoseconds.
 *
 * <pre>
 *   IN     gets its share, at first less     failures in a row, silence, no connection -> OUT
 *   OUT    gets none, for a time that        a connection of our own after "no connection" -> IN
 *          doubles                           after silence an answer to our own question -> TRIAL
 *                                            after failures the time has passed -> TRIAL
 *                                            (where too few are left: the first such time)
 *   TRIAL  gets one request at a time        an answer -> IN;  a failure, silence -> OUT
 * </pre>
 *
 * <p>An active check, where there is one, says no beside that: who fails it gets nothing in any
 * state, and starts as if it were new when it passes again.
 */
final class EndpointHealth {
  /** How many requests without an answer are silence rather than one slow query. */
  private static final int SILENT_REQUESTS = 3;

  /** The longest time until it is asked again whether anybody is there. */
  private static final long MOST_DOUBT_NANOS = 10_000_000_000L;

  /** The least part of its share that a new endpoint gets. */
  private static final double FIRST_PART = 0.1;

  private final HealthConfig config;
  private State state = State.IN;
  private Reason reason = Reason.NO_CONNECTION;
  private boolean failsCheck;
  private boolean warming;
  private long sinceNanos;
  private long outNanos;
  private long triedNanos;
  private boolean triedEarly;
  private int failures;
  private int unanswered;
  private long unansweredSinceNanos;
  private long doubtNanos;

  /** Whether it gets requests. */
  enum State {
    /** It gets its share. */
    IN,
    /** It gets none. */
    OUT,
    /** It gets one at a time, to see. */
    TRIAL
  }

  /** Why it is left out. */
  enum Reason {
    /** It takes no connection. */
    NO_CONNECTION,
    /** Its requests fail. */
    FAILURES,
    /** It does not answer. */
    SILENCE,
    /** An active check says so. */
    CHECK;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The word for it in metrics. */
    String label() {
      return label;
    }
  }

  /**
   * An endpoint that is well.
   *
   * @param isNew whether others were there before it
   */
  EndpointHealth(HealthConfig config, boolean isNew, long nowNanos) {
    this.config = config;
    this.warming = isNew;
    this.sinceNanos = nowNanos;
  }

  State state() {
    return state;
  }

  /** Whether it gets requests. */
  boolean isUsed() {
    return state != State.OUT && !failsCheck;
  }

  /** Whether nothing bad is known of it. */
  boolean isWell() {
    return state == State.IN && !failsCheck;
  }

  Reason reason() {
    return reason;
  }

  // ---- what happens

  /** A request was sent. */
  void sent(long nowNanos) {
    if (unanswered++ == 0) {
      unansweredSinceNanos = nowNanos;
    }
  }

  /** An answer came that is no failure. */
  void answered(long nowNanos) {
    unanswered = 0;
    doubtNanos = 0;
    failures = 0;
    if (state == State.TRIAL) {
      begin(nowNanos);
    }
  }

  /**
   * A request failed.
   *
   * @return whether it is left out from now on
   */
  boolean failed(long nowNanos) {
    unanswered = 0; // that was an answer, too
    failures++;
    int most = state == State.TRIAL ? 1 : config.failures();
    if (state == State.OUT || most == 0 || failures < most) {
      return false;
    }
    leaveOut(Reason.FAILURES, nowNanos);
    return true;
  }

  /** A connection was made. */
  void connected(long nowNanos) {
    if (state == State.OUT && reason == Reason.NO_CONNECTION) {
      begin(nowNanos);
    }
  }

  /**
   * No connection could be made, and there is none. An attempt before its time was made since
   * others are too few, and does not prolong that time.
   *
   * @return whether that is news
   */
  boolean unreachable(long nowNanos) {
    boolean isNew = state != State.OUT;
    if (isNew || reason != Reason.NO_CONNECTION || isDue(nowNanos)) {
      leaveOut(Reason.NO_CONNECTION, nowNanos);
    }
    return isNew;
  }

  /** Nothing was read for so long: that it did not answer meanwhile is not known. */
  void paused(long nanos) {
    unansweredSinceNanos += nanos;
  }

  /** Nothing is under way: what was not answered was given up by its clients. */
  void idle() {
    unanswered = 0;
  }

  /**
   * An active check has found something.
   *
   * @return whether that is news
   */
  boolean checked(boolean isWell, long nowNanos) {
    boolean isNew = failsCheck == isWell;
    failsCheck = !isWell;
    if (isNew && isWell && state == State.IN) {
      begin(nowNanos);
    }
    return isNew;
  }

  // ---- what follows

  /**
   * Looks at the time.
   *
   * @return whether it is left out from now on, since it is silent
   */
  boolean isSilent(long nowNanos) {
    int most = state == State.TRIAL ? 1 : SILENT_REQUESTS;
    long silence = config.silence().toNanos();
    if (state == State.OUT
        || silence == 0
        || unanswered < most
        || nowNanos - unansweredSinceNanos < silence) {
      return false;
    }
    leaveOut(Reason.SILENCE, nowNanos);
    return true;
  }

  /** How long several requests may have no answer, in nanoseconds. */
  long silenceNanos() {
    return config.silence().toNanos();
  }

  /**
   * How long it has for an answer to our own question, in nanoseconds: what is left of the time
   * that it may be silent, where half of that has passed already.
   */
  long patienceNanos() {
    long silence = silenceNanos();
    return state == State.IN ? silence - silence / 2 : silence;
  }

  /**
   * Whether it should be asked if anybody is there: too few requests wait to call that silence, and
   * one that waits gets no others to wait with, since those go where less is under way.
   */
  boolean isInDoubt(long nowNanos) {
    long silence = silenceNanos();
    return state == State.IN
        && silence != 0
        && unanswered > 0
        && nowNanos - unansweredSinceNanos >= Math.max(silence / 2, doubtNanos);
  }

  /** Somebody is there: what waits is slow. It is asked again after twice the time. */
  void isThere(long nowNanos) {
    unansweredSinceNanos = nowNanos;
    doubtNanos = Math.min(MOST_DOUBT_NANOS, Math.max(silenceNanos(), 2 * doubtNanos));
  }

  /**
   * Nobody is there.
   *
   * @return whether it is left out from now on
   */
  boolean isNotThere(long nowNanos) {
    if (isDue(nowNanos) && reason == Reason.SILENCE) { // else it was asked before its time
      leaveOut(Reason.SILENCE, nowNanos);
      return false;
    }
    if (state != State.IN || unanswered == 0) {
      return false;
    }
    leaveOut(Reason.SILENCE, nowNanos);
    return true;
  }

  /** Whether it has been left out for long enough. */
  boolean isDue(long nowNanos) {
    return state == State.OUT && nowNanos - sinceNanos >= outNanos;
  }

  /**
   * Whether it may be tried before that, since others are too few: as if it were left out for the
   * first time, whenever it was tried last.
   */
  boolean isDueWhereNeeded(long nowNanos) {
    return state == State.OUT && nowNanos - triedNanos >= config.leaveOut().toNanos();
  }

  /** It is tried now, by whatever way; before its time that does not make the next one longer. */
  void tried(long nowNanos) {
    triedNanos = nowNanos;
    triedEarly = !isDue(nowNanos);
  }

  /** It gets one request, to see. */
  void tryAgain() {
    state = State.TRIAL;
    failures = 0;
    unanswered = 0;
  }

  /** The part of its share that it gets now, 0 to 1. */
  double part(long nowNanos) {
    if (!isUsed() || state == State.TRIAL && unanswered > 0) {
      return 0;
    }
    long slow = config.slowStart().toNanos();
    if (!warming || slow == 0) {
      return 1;
    }
    double grown = (double) (nowNanos - sinceNanos) / slow;
    warming = grown < 1;
    return Math.min(1, Math.max(FIRST_PART, grown));
  }

  private void begin(long nowNanos) {
    state = State.IN;
    warming = true;
    triedEarly = false;
    sinceNanos = nowNanos;
  }

  /**
   * Twice as long as the last time, unless it has been well for longer than that since, or was only
   * tried before its time.
   */
  private void leaveOut(Reason why, long nowNanos) {
    Duration first = config.leaveOut();
    boolean wasWell = state == State.IN && nowNanos - sinceNanos > 2 * outNanos;
    long next = wasWell || outNanos == 0 ? first.toNanos() : triedEarly ? outNanos : 2 * outNanos;
    outNanos = Math.max(first.toNanos(), Math.min(next, config.maxLeaveOut().toNanos()));
    state = State.OUT;
    reason = why;
    sinceNanos = nowNanos;
    triedNanos = nowNanos;
    triedEarly = false;
    failures = 0;
    unanswered = 0;
  }
}
