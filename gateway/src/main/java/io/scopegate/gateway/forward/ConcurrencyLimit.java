package io.scopegate.gateway.forward;

/**
 * How many requests a server gets at a time, from how long its answers take to begin: a gradient.
 * It only decides, by the times that it is given in nanoseconds.
 *
 * <p>Times are seen in windows. As long as they are about those of a server with little to do, and
 * the limit is used, the limit grows by its square root; it shrinks as they grow beyond the
 * tolerance, by half at most. What little to do means is the fastest window, and is measured again
 * every {@value #WINDOWS_BETWEEN_PROBES} windows, at half of the limit, so that a server that has
 * become slower for another reason is not held down for ever.
 *
 * <p>The mean is the geometric one: one query that takes a thousand times as long as the others
 * says nothing about load.
 */
final class ConcurrencyLimit {
  /** How long a window is at least. */
  static final long WINDOW_NANOS = 250_000_000L;

  /** How many answers a window has at least. */
  static final int LEAST_ANSWERS = 20;

  private static final int WINDOWS_BETWEEN_PROBES = 40;

  /** In the first of them answers still come to what was sent before. */
  private static final int PROBE_WINDOWS = 2;

  private static final double SMOOTHING = 0.3;
  private static final double MOST_SHRINKING = 0.5;
  private static final double AFTER_FAILURES = 0.9;

  private final double min;
  private final double max;
  private final double tolerance;
  private double limit;
  private double fastest;
  private double logs;
  private int answers;
  private int failures;
  private int mostInFlight;
  private int windows;
  private int probing;
  private long windowSinceNanos;

  /**
   * A limit.
   *
   * @param parts how many event loops share the server
   */
  ConcurrencyLimit(ConcurrencyConfig config, int parts, long nowNanos) {
    min = Math.max(1, (double) config.min() / parts);
    max = Math.max(min, (double) config.max() / parts);
    limit = Math.min(max, Math.max(min, (double) config.initial() / parts));
    tolerance = config.tolerance() / 100.0;
    windowSinceNanos = nowNanos;
  }

  /** How many requests it gets at a time now; at least 1. */
  int now() {
    return (int) Math.max(min, probing > 0 ? limit / 2 : limit);
  }

  /**
   * An answer began.
   *
   * @param tookNanos since the request was sent
   * @param isBad whether it says that the server cannot
   * @param inFlight requests under way, this one included
   */
  void answered(long tookNanos, boolean isBad, int inFlight, long nowNanos) {
    answers++;
    logs += Math.log(Math.max(1, tookNanos));
    failures += isBad ? 1 : 0;
    mostInFlight = Math.max(mostInFlight, inFlight);
    if (answers >= LEAST_ANSWERS && nowNanos - windowSinceNanos >= WINDOW_NANOS) {
      double mean = Math.exp(logs / answers);
      if (probing > 0) {
        probed(mean);
      } else {
        adapt(mean);
      }
      begin(nowNanos);
    }
  }

  private void begin(long nowNanos) {
    windowSinceNanos = nowNanos;
    answers = 0;
    failures = 0;
    mostInFlight = 0;
    logs = 0;
  }

  private void probed(double mean) {
    if (--probing == 0) {
      fastest = mean;
    }
  }

  private void adapt(double mean) {
    fastest = fastest == 0 ? mean : Math.min(fastest, mean);
    if (failures > 0) {
      limit *= AFTER_FAILURES;
    } else {
      double gradient = Math.max(MOST_SHRINKING, Math.min(1, tolerance * fastest / mean));
      boolean isUsed = 2 * mostInFlight >= limit;
      double wanted = limit * gradient + (isUsed ? Math.sqrt(limit) : 0);
      limit += SMOOTHING * (wanted - limit);
    }
    limit = Math.min(max, Math.max(min, limit));
    if (++windows % WINDOWS_BETWEEN_PROBES == 0) {
      probing = PROBE_WINDOWS;
    }
  }
}
