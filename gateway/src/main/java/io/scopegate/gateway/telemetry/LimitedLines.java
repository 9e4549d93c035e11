package io.scopegate.gateway.telemetry;

import java.util.HashMap;
import java.util.Map;

/**
 * Which refused requests make a line: a few in each second of one tenant, or of one client address.
 * A client that floods is refused for next to nothing, and its lines must not cost more than that,
 * nor bury those of the others. For one event loop.
 */
final class LimitedLines<K> {
  /** So many are told apart within a second; those beyond share the lines of one. */
  private static final int MOST_TOLD_APART = 1_000;

  private static final long SECOND_NANOS = 1_000_000_000L;

  private final Map<K, Second> seconds = new HashMap<>();
  private final Second others = new Second();

  /** What happened in somebody's current second, and before it since its last line. */
  private static final class Second {
    private long sinceNanos;
    private int lines;
    private long skipped;

    private boolean isOver(long nowNanos) {
      return nowNanos - sinceNanos >= SECOND_NANOS;
    }
  }

  /**
   * Whether a request makes a line, which then tells how many made none.
   *
   * @param who is refused
   * @param perSecond lines in a second
   */
  boolean takes(K who, RequestRecord t, int perSecond) {
    Second second = second(who, t.endNanos);
    if (second.isOver(t.endNanos)) {
      second.sinceNanos = t.endNanos;
      second.lines = 0;
    }
    if (second.lines >= perSecond) {
      second.skipped++;
      return false;
    }
    second.lines++;
    t.skipped = second.skipped;
    second.skipped = 0;
    return true;
  }

  private Second second(K who, long nowNanos) {
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
