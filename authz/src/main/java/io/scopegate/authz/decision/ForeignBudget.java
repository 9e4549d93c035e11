package io.scopegate.authz.decision;

import java.time.InstantSource;

/**
 * Limits how many unknown tokens are reviewed by the API server: a bucket of their own in front of
 * that of all reviews, so that a flood of them does not use up the budget of others.
 */
final class ForeignBudget {
  private final double perSecond;
  private final InstantSource clock;
  private double permits;
  private long refilledMillis;

  ForeignBudget(int perSecond, InstantSource clock) {
    this.perSecond = perSecond;
    this.clock = clock;
    this.permits = perSecond;
    this.refilledMillis = clock.millis();
  }

  /** Takes a permit; false when there is none. */
  synchronized boolean take() {
    long now = clock.millis();
    // A clock that was set back must not take permits away.
    long elapsed = Math.max(0, now - refilledMillis);
    permits = Math.min(perSecond, permits + elapsed * perSecond / 1000);
    refilledMillis = now;
    if (permits < 1) {
      return false;
    }
    permits--;
    return true;
  }
}
