package io.scopegate.gateway.limit;

import io.vertx.core.Future;
import java.util.List;

/**
 * The account of budgets that all replicas share. Its clock is its own. One exchange at a time,
 * from one thread.
 */
interface SharedBudgetStore extends AutoCloseable {
  /** More replicas than anybody has; what is beyond it is a mistake or a lie. */
  int MOST_REPLICAS = 10_000;

  /**
   * What one replica has to say about one budget.
   *
   * @param key the budget's name
   * @param spent units since it last said so; negative for what was put back, nought to ask only
   * @param perSecond units that fill up in a second
   * @param most units that there may be
   */
  record Entry(String key, long spent, double perSecond, long most) {}

  /**
   * What the account says.
   *
   * @param replicas that were heard of lately, with this one
   * @param balances what is left of each budget, in the order of the entries
   */
  record Answer(int replicas, List<Long> balances) {
    /** Copies the list. */
    public Answer {
      balances = List.copyOf(balances);
    }
  }

  /**
   * Writes down what was spent and reads what is left; also tells that this replica is there.
   *
   * @return completes on any thread; fails when there is no account, or it answers anything else.
   *     What was spent may be written down even then
   */
  Future<Answer> exchange(List<Entry> entries);

  /** Gives up the exchange under way, which fails, and the connection with it. */
  void drop();

  @Override
  void close();
}
