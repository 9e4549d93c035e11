package io.scopegate.authz.decision;

import java.util.concurrent.ConcurrentHashMap;

/**
 * How many reviews each user has on their way, up to a cap. Holds only users that have some, so the
 * budget of reviews bounds it.
 */
final class UserShares {
  private final ConcurrentHashMap<String, Integer> taken = new ConcurrentHashMap<>();
  private final int cap;

  /** With as many for each user. */
  UserShares(int cap) {
    this.cap = cap;
  }

  /** Takes one; false when the user has all of theirs. */
  boolean take(String user) {
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
  void giveBack(String user) {
    taken.computeIfPresent(user, (name, count) -> count == 1 ? null : count - 1);
  }

  /** How many users have reviews on their way. */
  int users() {
    return taken.size();
  }
}
