package io.scopegate.gateway.forward;

/**
 * How many requests may be sent again: a share of all, so that an outage does not multiply them.
 */
final class RetryBudget {
  /** What a request costs that is sent again; each new one brings its percentage. */
  private static final int COST = 100;

  /** So many may be sent again before there were many requests. */
  private static final int RESERVE = 3;

  /** More than this is not saved up. */
  private static final int MOST = 100;

  private final int percent;
  private int balance;

  RetryBudget(int percent) {
    this.percent = percent;
    balance = percent == 0 ? 0 : RESERVE * COST;
  }

  /** A request came. */
  void request() {
    if (balance < MOST * COST) {
      balance += percent;
    }
  }

  /** Whether one may be sent again; takes it from the budget. */
  boolean take() {
    if (balance < COST) {
      return false;
    }
    balance -= COST;
    return true;
  }
}
