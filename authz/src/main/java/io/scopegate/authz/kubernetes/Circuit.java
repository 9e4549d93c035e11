package io.scopegate.authz.kubernetes;

/**
 * A circuit breaker for the API server: while it answers, all concurrent places are used; after a
 * row of failures only one probe a second is sent; when it is back, few at first.
 *
 * <p>A failure is no answer in time, no connection, or a 5xx. Whatever else the API server says is
 * a sign of life, even when it refuses the gateway itself. A probe keeps its whole time, so that a
 * slow server is found alive too; only the next probe does not wait for it.
 *
 * <p>Not thread-safe: {@link ReviewBudget} guards it.
 */
final class Circuit {
  private static final int FAILURES_IN_A_ROW = 5;
  private static final int TIMEOUTS_IN_A_ROW = 3;
  private static final int FIRST_WINDOW = 2;

  /** From one probe to the next. */
  static final long PROBE_MILLIS = 1000;

  private final int places;
  private int window;
  private int failures;
  private int timeouts;
  private boolean open;
  private long probeMillis;

  Circuit(int places) {
    this.places = places;
    this.window = places;
  }

  /** Whether nothing but probes may be sent. */
  boolean isOpen() {
    return open;
  }

  /** How many may be in flight. */
  int window() {
    return open ? places : window;
  }

  /** In how many milliseconds one may be sent; 0 for now. */
  long waitMillis(long now) {
    // More than a step is left only when the clock was set back.
    return open ? Math.min(PROBE_MILLIS, Math.max(0, probeMillis - now)) : 0;
  }

  /** One is sent. */
  void sent(long now) {
    probeMillis = now + PROBE_MILLIS;
  }

  /**
   * The API server answered.
   *
   * @return whether this closed the circuit
   */
  boolean answered() {
    boolean closes = open;
    window = closes ? Math.min(places, FIRST_WINDOW) : Math.min(places, window * 2);
    open = false;
    failures = 0;
    timeouts = 0;
    return closes;
  }

  /**
   * The API server said that it has too much to do.
   *
   * @return whether this closed the circuit
   */
  boolean throttled() {
    int before = window;
    boolean closes = answered();
    window = closes ? 1 : Math.max(1, before / 2);
    return closes;
  }

  /**
   * There was no answer.
   *
   * @param timeout whether for want of time
   * @param now the first probe may be sent at once
   * @return whether this opened the circuit
   */
  boolean failed(boolean timeout, long now) {
    failures++;
    timeouts = timeout ? timeouts + 1 : 0;
    window = Math.max(1, window / 2);
    if (open || failures < FAILURES_IN_A_ROW && timeouts < TIMEOUTS_IN_A_ROW) {
      return false;
    }
    open = true;
    probeMillis = now;
    return true;
  }
}
