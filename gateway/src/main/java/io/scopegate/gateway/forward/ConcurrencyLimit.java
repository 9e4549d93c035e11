package io.scopegate.gateway.forward;

/**
 * How many requests a server gets at a time, from how long its answers take to begin: a gradient.
 * It only decides, by the times that it is given in nanoseconds.
 *
 * <p>Times are seen in windows. As long as they are about those of a server with little to do, and
 * the limit is used, the limit grows by its square root; it shrinks as they grow beyond the
 * tolerance, by half at most.
 *
 * <p>What little to do means is measured every ten seconds, by a probe: as few requests wait for
 * their answer as are a quarter of those that do usually, until some of them were answered. All who
 * have a part of the server have their probes at the same time, by the wall clock, since one that
 * holds back alone changes nothing. A probe lasts a second at most, and streams whose answers have
 * begun do not count in it, so that what takes long keeps nobody out.
 *
 * <p>The mean is the geometric one: one query that takes a thousand times as long as the others
 * says nothing about load.
 */
final class ConcurrencyLimit {
  /** How long a window is at least. */
  static final long WINDOW_NANOS = 250_000_000L;

  /** How many answers a window has at least. */
  static final int LEAST_ANSWERS = 20;

  private static final long PROBE_EVERY_NANOS = 10_000_000_000L;
  private static final long LONGEST_PROBE_NANOS = 1_000_000_000L;

  /** A probe that has so many answers when its time is over says something, if not much. */
  private static final int SOME_ANSWERS = 5;

  /** What a probe leaves of what waits usually. */
  private static final int PROBED_PART = 4;

  /** A limit of which less is used has no reason to grow; one tenant alone uses four fifths. */
  private static final double USED_PART = 0.75;

  private static final double SMOOTHING = 0.3;
  private static final double MOST_SHRINKING = 0.5;
  private static final double AFTER_FAILURES = 0.9;

  private final double min;
  private final double max;
  private final double tolerance;
  private final long wallNanos;
  private double limit;
  private double fastest;
  private double logs;
  private int answers;
  private int failures;
  private int inFlight;
  private int unanswered;
  private int mostInFlight;
  private int mostUnanswered;
  private int usual;
  private long windowSinceNanos;
  private long probes;

  /** How many may wait for their answer during a probe; zero while there is none. */
  private int probe;

  private long probeSinceNanos;

  /** Whether as few wait for their answer as the probe wants. */
  private boolean isQuiet;

  /**
   * A limit.
   *
   * @param parts how many event loops share the server
   * @param wallNanos what the wall clock shows when the other one shows zero
   */
  ConcurrencyLimit(ConcurrencyConfig config, int parts, long nowNanos, long wallNanos) {
    min = Math.max(1, (double) config.min() / parts);
    max = Math.max(min, (double) config.max() / parts);
    limit = Math.min(max, Math.max(min, (double) config.initial() / parts));
    tolerance = config.tolerance() / 100.0;
    this.wallNanos = wallNanos;
    windowSinceNanos = nowNanos;
    probes = probesUntil(nowNanos);
  }

  private long probesUntil(long nowNanos) {
    return Math.floorDiv(nowNanos + wallNanos, PROBE_EVERY_NANOS);
  }

  /** How many requests it gets at a time, except during a probe; at least 1. */
  int now() {
    return (int) limit;
  }

  /** How many more it may get now; zero or less for none. */
  int free(long nowNanos) {
    int free = now() - inFlight;
    return isProbing(nowNanos) ? Math.min(free, probe - unanswered) : free;
  }

  private boolean isProbing(long nowNanos) {
    return probe > 0 && nowNanos - probeSinceNanos < LONGEST_PROBE_NANOS;
  }

  /** A request is sent. */
  void sent() {
    inFlight++;
    unanswered++;
  }

  /** A request is over, whether it was answered or not. */
  void ended(boolean isAnswered) {
    inFlight--;
    unanswered -= isAnswered ? 0 : 1;
  }

  /**
   * An answer began.
   *
   * @param tookNanos since the request was sent
   * @param isBad whether it says that the server cannot
   */
  void answered(long tookNanos, boolean isBad, long nowNanos) {
    if (probe > 0) {
      probed(tookNanos, nowNanos);
    } else {
      counted(tookNanos, isBad, nowNanos);
    }
    unanswered--;
  }

  private void counted(long tookNanos, boolean isBad, long nowNanos) {
    count(tookNanos);
    failures += isBad ? 1 : 0;
    mostInFlight = Math.max(mostInFlight, inFlight);
    mostUnanswered = Math.max(mostUnanswered, unanswered);
    if (isEnough(nowNanos)) {
      adapt(mean());
      begin(nowNanos);
      if (probesUntil(nowNanos) != probes) {
        beginProbe(nowNanos);
      }
    }
  }

  private void count(long tookNanos) {
    answers++;
    logs += Math.log(Math.max(1, tookNanos));
  }

  private double mean() {
    return Math.exp(logs / answers);
  }

  private boolean isEnough(long nowNanos) {
    return answers >= LEAST_ANSWERS && nowNanos - windowSinceNanos >= WINDOW_NANOS;
  }

  private void begin(long nowNanos) {
    windowSinceNanos = nowNanos;
    answers = 0;
    failures = 0;
    mostInFlight = 0;
    mostUnanswered = 0;
    logs = 0;
  }

  private void adapt(double mean) {
    fastest = fastest == 0 ? mean : Math.min(fastest, mean);
    if (failures > 0) {
      limit *= AFTER_FAILURES;
    } else {
      double gradient = Math.max(MOST_SHRINKING, Math.min(1, tolerance * fastest / mean));
      boolean isUsed = mostInFlight >= USED_PART * now();
      double wanted = limit * gradient + (isUsed ? Math.sqrt(limit) : 0);
      limit += SMOOTHING * (wanted - limit);
    }
    limit = Math.min(max, Math.max(min, limit));
    usual = mostUnanswered;
  }

  private void beginProbe(long nowNanos) {
    probes = probesUntil(nowNanos);
    probe = (int) Math.max(min, Math.min(usual, limit) / PROBED_PART);
    probeSinceNanos = nowNanos;
    isQuiet = false;
  }

  /** Only what was sent while little was under way tells how fast the server can be. */
  private void probed(long tookNanos, long nowNanos) {
    if (!isQuiet && unanswered <= probe + 1) {
      isQuiet = true;
      begin(nowNanos);
    }
    if (isQuiet && nowNanos - tookNanos - windowSinceNanos >= 0) {
      count(tookNanos);
    }
    boolean isLate = !isProbing(nowNanos);
    if (isLate || isQuiet && isEnough(nowNanos)) {
      if (isQuiet && answers >= SOME_ANSWERS) {
        fastest = mean();
      }
      probe = 0;
      begin(nowNanos);
    }
  }
}
