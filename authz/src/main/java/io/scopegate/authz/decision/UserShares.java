package io.scopegate.authz.decision;

import java.util.concurrent.ConcurrentHashMap;

/**
 * How many places each user, or each client, has taken, up to a cap. Holds only those that have
 * some, so bounding all places bounds it.
 *
 * @param <K> who
 */
final class UserShares<K> {
  private final ConcurrentHashMap<K, Integer> taken = new ConcurrentHashMap<>();
  private final int cap;

  UserShares(int cap) {
    this.cap = cap;
  }

  /** Takes one; false when the user has all of theirs. */
  boolean take(K user) {
    boolean[] free = new boolean[1];
    taken.compute(
        user,
        (name, count) -> {
          int before = count == null ? 0 : count;
          free[0] = before < cap;
          return free[0] ? Integer.valueOf(before + 1) : count;
        });
    return free[0];
  }

  /** Gives back one that was taken. */
  void giveBack(K user) {
    taken.computeIfPresent(user, (name, count) -> count == 1 ? null : count - 1);
  }

  /** How many have taken any. */
  int users() {
    return taken.size();
  }
}
