package io.scopegate.gateway.forward;

import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be sent again: a share of all, so that an outage does not multiply them. A
 * tenant that took many lately leaves a quarter as many for others: so one whose requests are all
 * slow, or all fail, does not take everybody's. Only what is sent again has to do with tenants. For
 * one event loop.
 */
final class RetryBudget {
  /** What a request costs that is sent again; each new one brings its percentage. */
  private static final int COST = 100;

  /** So many may be sent again before there were many requests. */
  private static final int RESERVE = 3;

  /** More than this is not saved up. */
  private static final int MOST = 100;

  /** A tenant may have taken so many times what is left, as with a bound of concurrency. */
  private static final int TIMES_LEFT = 4;

  /** After so many what was taken before counts half. */
  private static final int FORGET = 16;

  /** What is nobody's has a share of its own. */
  private static final Object NOBODY = new Object();

  private final int percent;
  private final Map<Object, Integer> taken = new IdentityHashMap<>();
  private int balance;
  private int since;

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

  /**
   * Whether one may be sent again; takes it from the budget.
   *
   * @param tenant whose it is, the same object for the same tenant; null for nobody's
   */
  boolean take(@Nullable Object tenant) {
    Object owner = tenant == null ? NOBODY : tenant;
    if (balance < COST || taken.getOrDefault(owner, 0) * COST > TIMES_LEFT * balance) {
      return false;
    }
    balance -= COST;
    taken.merge(owner, 1, Integer::sum);
    since++;
    if (since >= FORGET) {
      since = 0;
      taken.replaceAll((who, count) -> count / 2);
      taken.values().removeIf(count -> count == 0);
    }
    return true;
  }
}
