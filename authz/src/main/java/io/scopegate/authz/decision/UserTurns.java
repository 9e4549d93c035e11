package io.scopegate.authz.decision;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Has each user run a few tasks at a time. Further ones of that user wait for their turn, in their
 * order, as long as there is room. Holds only users that have some. For any thread.
 */
final class UserTurns {
  /** So many times as many tasks of one user wait as run. */
  static final int WAITING_OF_ONE = 8;

  /** The same of all users together. */
  static final int WAITING_OF_ALL = 64;

  private final int atOnce;

  // Guarded by this.
  private final Map<String, Share> shares = new HashMap<>();
  private long waiting;

  /** What one user has. */
  private static final class Share {
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(0);
    private int running;
    private int ended;
    private boolean beginning;
  }

  /**
   * Without any tasks.
   *
   * @param atOnce how many of one user run at a time
   */
  UserTurns(int atOnce) {
    this.atOnce = atOnce;
  }

  /**
   * Runs a task now, or later on a thread that calls {@link #ended}, which has to be called once
   * for each task that was run. A task must not throw.
   *
   * @return false when there is no room for it to wait: it never runs
   */
  boolean run(String user, Runnable task) {
    synchronized (this) {
      Share share = shares.computeIfAbsent(user, absent -> new Share());
      if (share.running >= atOnce) {
        return wait(share, task);
      }
      share.running++;
    }
    task.run();
    return true;
  }

  private boolean wait(Share share, Runnable task) {
    boolean hasRoom =
        share.waiting.size() < (long) atOnce * WAITING_OF_ONE
            && waiting < (long) atOnce * WAITING_OF_ALL;
    if (hasRoom) {
      share.waiting.add(task);
      waiting++;
    }
    return hasRoom;
  }

  /** One of the user's has ended, and the next begins. */
  void ended(String user) {
    for (Runnable next = next(user, true); next != null; next = next(user, false)) {
      next.run();
    }
  }

  /** What ends while another is being begun is left to that call: a row of ends must not nest. */
  private synchronized @Nullable Runnable next(String user, boolean hasEnded) {
    Share share = shares.get(user);
    if (share == null) {
      return null;
    }
    if (hasEnded) {
      share.ended++;
      if (share.beginning) {
        return null;
      }
    }
    share.beginning = true;
    while (share.ended > 0) {
      share.ended--;
      Runnable next = share.waiting.poll();
      if (next != null) {
        waiting--;
        return next;
      }
      share.running--;
    }
    share.beginning = false;
    if (share.running == 0) {
      shares.remove(user);
    }
    return null;
  }

  /** How many users have any. */
  synchronized int users() {
    return shares.size();
  }
}
