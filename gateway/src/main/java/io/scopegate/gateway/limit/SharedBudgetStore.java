package io.scopegate.gateway.limit;

import io.vertx.core.Future;
import java.util.List;

/**
 * The store of the budgets that all replicas share. It uses its own clock. One exchange at a time,
 * from one thread.
 */
interface SharedBudgetStore extends AutoCloseable {
  /** More replicas than any installation has; a larger number is an error. */
  int MOST_REPLICAS = 10_000;

  /**
   * What one replica reports about one budget.
   *
   * @param key the budget's name
   * @param spent units spent since the last report; negative for units given back, 0 to ask only
   * @param perSecond units that fill up in a second
   * @param most units that there may be
   */
  record Entry(String key, long spent, double perSecond, long most) {}

  /**
   * The store's answer.
   *
   * @param replicas that reported lately, including this one
   * @param balances what is left of each budget, in the order of the entries
   */
  record Answer(int replicas, List<Long> balances) {
    /** Copies the list. */
    public Answer {
      balances = List.copyOf(balances);
    }
  }

  /**
   * Records what was spent and reads what is left; also shows that this replica is alive.
   *
   * @return completes on any thread; fails when the store is unreachable or its answer is invalid;
   *     what was spent may have been recorded even then
   */
  Future<Answer> exchange(List<Entry> entries);

  /** Where it is, for people; without a password. */
  String place();

  /** Cancels the exchange in progress, which fails, and closes its connection. */
  void drop();

  @Override
  void close();
}
