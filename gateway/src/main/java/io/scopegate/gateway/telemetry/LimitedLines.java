package io.scopegate.gateway.telemetry;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides which refused requests are logged: a few per second for each tenant, caller or client
 * address. Refusing a flooding client costs almost nothing, so its log lines must not cost more,
 * and must not hide other lines. For one event loop.
 */
final class LimitedLines<K> {
  /** So many are told apart within a second; those beyond share the lines of one. */
  private static final int MOST_TOLD_APART = 1_000;

  /** There is no line. */
  static final long NONE = -1;

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final Map<K, Second> seconds = new HashMap<>();
  private final Second others = new Second();

  /** Who was refused last, mostly the one who is next. */
  private @Nullable K lastWho;

  private Second last = others;

  /** Lines in somebody's current second, and requests not logged since the last line. */
  private static final class Second {
    private long sinceNanos;
    private int lines;
    private long skipped;

    private boolean isOver(long nowNanos) {
      return nowNanos - sinceNanos >= SECOND_NANOS;
    }
  }

  /**
   * Whether a request is logged. If so, its line says how many before it were not.
   *
   * @param who is refused
   * @param perSecond lines in a second
   */
  boolean takes(K who, RequestRecord t, int perSecond) {
    long before = take(who, t.endNanos, perSecond);
    if (before == NONE) {
      return false;
    }
    t.skipped = before;
    return true;
  }

  /**
   * Takes a line.
   *
   * @return how many were left out before it; {@link #NONE} when this one is left out as well
   */
  long take(K who, long nowNanos, int perSecond) {
    Second second = second(who, nowNanos);
    if (second.isOver(nowNanos)) {
      second.sinceNanos = nowNanos;
      second.lines = 0;
    }
    if (second.lines >= perSecond) {
      second.skipped++;
      return NONE;
    }
    second.lines++;
    long before = second.skipped;
    second.skipped = 0;
    return before;
  }

  private Second second(K who, long nowNanos) {
    if (!who.equals(lastWho)) {
      last = find(who, nowNanos);
      lastWho = last == others ? null : who;
    }
    return last;
  }

  private Second find(K who, long nowNanos) {
    Second known = seconds.get(who);
    if (known != null) {
      return known;
    }
    if (seconds.size() >= MOST_TOLD_APART) {
      seconds.values().removeIf(second -> second.isOver(nowNanos));
    }
    if (seconds.size() >= MOST_TOLD_APART) {
      return others;
    }
    Second next = new Second();
    next.sinceNanos = nowNanos;
    seconds.put(who, next);
    return next;
  }
}
